//! The certificates of pushes over TLS.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use super::push::StartError;
use super::settings::{Push, Variables};

/// The certificates of a push, in PEM.
#[derive(Clone, Default)]
pub(super) struct Certificates {
    roots: Option<Vec<u8>>,
    /// The client's chain and its private key.
    client: Option<(Vec<u8>, Vec<u8>)>,
}

impl Push {
    /// Sets the root certificates to trust, in PEM, instead of Mozilla's: for example, that of your own certificate authority.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.tls.roots = Some(pem.into());
        self
    }

    /// Sets the client certificate, with its chain, and its private key, for receivers that require one (mutual TLS). Both are in
    /// PEM.
    pub fn client_certificate(
        mut self,
        chain: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        self.tls.client = Some((chain.into(), key.into()));
        self
    }
}

impl Certificates {
    /// Reads the files that the variables of the environment name.
    pub(super) fn read<F: Fn(&str) -> Option<String>>(&mut self, variables: &mut Variables<F>) {
        let mut file = |names: [&'static str; 2]| {
            variables.first(names, |path| {
                std::fs::read(path).map_err(|_| "is not a file that can be read")
            })
        };
        self.roots = file([
            "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",
            "OTEL_EXPORTER_OTLP_CERTIFICATE",
        ]);
        let chain = file([
            "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
        ]);
        let key = file([
            "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY",
            "OTEL_EXPORTER_OTLP_CLIENT_KEY",
        ]);
        match (chain, key) {
            (Some(chain), Some(key)) => self.client = Some((chain, key)),
            (None, None) => {}
            (chain, _) => {
                let (set, other) = match chain {
                    Some(_) => ("CERTIFICATE", "KEY"),
                    None => ("KEY", "CERTIFICATE"),
                };
                variables.faults.push(format!(
                    "OTEL_EXPORTER_OTLP_CLIENT_{set}: needs `OTEL_EXPORTER_OTLP_CLIENT_{other}`"
                ));
            }
        }
    }

    /// Parses and checks the certificates. The HTTP client leaves out root certificates that it cannot parse, and panics if a key
    /// does not belong to its certificate.
    pub(super) fn config(&self) -> Result<TlsConfig, StartError> {
        let mut config = TlsConfig::builder();
        if let Some(pem) = &self.roots {
            let roots = parse_certificates(pem).and_then(|roots| {
                let mut store = RootCertStore::empty();
                for root in &roots {
                    store.add(der(root)).map_err(|error| error.to_string())?;
                }
                Ok(roots)
            });
            let roots = roots.map_err(unusable("root certificates"))?;
            config = config.root_certs(RootCerts::new_with_certs(&roots));
        }
        if let Some((chain, key)) = &self.client {
            let client = parse_client(chain, key).map_err(unusable("client certificate"))?;
            config = config.client_cert(Some(client));
        }
        Ok(config.build())
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates")
            .field("has_roots", &self.roots.is_some())
            .field("has_client", &self.client.is_some())
            .finish()
    }
}

fn unusable(what: &str) -> impl Fn(String) -> StartError {
    move |reason| StartError::Certificate {
        reason: format!("cannot use the {what}: {reason}"),
    }
}

fn parse_certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, String> {
    let mut certificates = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| error.to_string())? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err("the PEM has no certificate".to_owned());
    }
    Ok(certificates)
}

fn parse_client(chain: &[u8], key: &[u8]) -> Result<ClientCert, String> {
    let chain = parse_certificates(chain)?;
    let checked = PrivateKeyDer::from_pem_slice(key).map_err(|error| error.to_string())?;
    // As in the HTTP client.
    let provider = CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| Arc::new(ring::default_provider()));
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map(|config| config.with_root_certificates(RootCertStore::empty()))
        .and_then(|config| {
            let chain = chain.iter().map(der).collect();
            config.with_client_auth_cert(chain, checked)
        })
        .map_err(|error| error.to_string())?;
    let key = PrivateKey::from_pem(key).map_err(|error| error.to_string())?;
    Ok(ClientCert::new_with_certs(&chain, key))
}

fn der(certificate: &Certificate<'_>) -> CertificateDer<'static> {
    certificate.der().to_vec().into()
}
