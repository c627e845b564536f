//! Pushes over TLS, to a receiver with a certificate of the test's own authority.

use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::channel;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use shadowcat_metrics::otlp::{Failure, Push, StartError};

use crate::ready;
use crate::receiver::{NEVER, Receiving, TAKEN, TIMEOUT, receive_wrapped};

/// A certificate authority.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate of an authority, with its key.
struct Identity {
    certificate: CertificateDer<'static>,
    certificate_pem: String,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "Authority");
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a certificate"))
    }

    fn certify(&self, name: &str) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new([name.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        Identity {
            certificate: certificate.der().clone(),
            certificate_pem: certificate.pem(),
            key,
        }
    }

    fn pem(&self) -> String {
        self.0.pem()
    }
}

/// Starts a receiver with a certificate. It requires one of its clients if an authority for them is given.
fn receive(identity: &Identity, clients: Option<&Authority>) -> Receiving {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions");
    let builder = if let Some(clients) = clients {
        let mut roots = RootCertStore::empty();
        roots.add(clients.0.der().clone()).expect("a certificate");
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
    } else {
        builder.with_no_client_auth()
    };
    let key = PrivateKeyDer::try_from(identity.key.serialize_der()).expect("a key");
    let config = builder.with_single_cert(vec![identity.certificate.clone()], key);
    let config = Arc::new(config.expect("the key belongs to the certificate"));
    receive_wrapped(&[TAKEN], "https", move |stream: TcpStream| {
        let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
        StreamOwned::new(connection, stream)
    })
}

/// Pushes once. Returns the result, and the counts of failed attempts and lost points.
fn push_once(
    receiving: &Receiving,
    set: impl FnOnce(Push) -> Push,
) -> (Result<(), Failure>, [u64; 2]) {
    let metrics = ready::Metrics::new();
    let (report, failures) = channel();
    let push = set(Push::new(&metrics))
        .endpoint(&receiving.endpoint)
        .interval(NEVER)
        .timeout(TIMEOUT)
        .on_failure(move |failure| drop(report.send(failure.clone())));
    let pusher = push.start().expect("it starts");
    pusher.register(&metrics).expect("it is included");
    let result = pusher.shutdown();
    assert_eq!(failures.try_iter().next(), result.clone().err());
    let snapshot = metrics.snapshot();
    let counts = [
        snapshot.otlp().failed_pushes(),
        snapshot.otlp().lost_points(),
    ];
    (result, counts.map(|count| count.expect("it is registered")))
}

/// Asserts that a push fails for a reason, and is counted.
fn assert_fails(receiving: &Receiving, set: impl FnOnce(Push) -> Push, reason: &str) {
    let (result, [failed, lost]) = push_once(receiving, set);
    let failure = result.expect_err("it is refused");
    assert!(failure.reason.contains(reason), "{failure}");
    assert!(failure.lost_points > 0, "{failure}");
    assert_eq!((failed, lost), (1, failure.lost_points));
    assert!(receiving.pushes.try_recv().is_err());
}

#[test]
fn a_receiver_of_an_own_authority_gets_the_push() {
    let authority = Authority::new();
    let receiving = receive(&authority.certify("127.0.0.1"), None);
    let (result, counts) = push_once(&receiving, |push| push.root_certificates(authority.pem()));
    assert_eq!((result, counts), (Ok(()), [0, 0]));
    let received = receiving.next();
    assert_eq!(received.headers["content-encoding"], "gzip");
    assert!(
        received
            .metrics()
            .any(|metric| metric.name == "app.otlp.pushes")
    );
}

#[test]
fn a_receiver_of_another_authority_is_refused() {
    let receiving = receive(&Authority::new().certify("127.0.0.1"), None);
    let other = Authority::new().pem();
    let reason = "invalid peer certificate";
    assert_fails(&receiving, |push| push.root_certificates(other), reason);
    // Mozilla's root certificates.
    assert_fails(&receiving, |push| push, "UnknownIssuer");
}

#[test]
fn a_receiver_with_another_name_is_refused() {
    let authority = Authority::new();
    let receiving = receive(&authority.certify("collector.example"), None);
    let pem = authority.pem();
    assert_fails(
        &receiving,
        |push| push.root_certificates(pem),
        "not valid for name",
    );
}

#[test]
fn a_receiver_may_require_a_certificate() {
    let authority = Authority::new();
    let clients = Authority::new();
    let receiving = receive(&authority.certify("127.0.0.1"), Some(&clients));
    let client = clients.certify("client");
    let (chain, key) = (client.certificate_pem, client.key.serialize_pem());
    let (result, counts) = push_once(&receiving, |push| {
        push.root_certificates(authority.pem())
            .client_certificate(chain, key)
    });
    assert_eq!((result, counts), (Ok(()), [0, 0]));
    receiving.next();
    // The client may see that the connection ends before it reads why.
    let pem = authority.pem();
    assert_fails(&receiving, |push| push.root_certificates(pem), "");
}

/// A folder of a test, which is removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("otlp-tls-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[test]
fn the_environment_names_files() {
    let authority = Authority::new();
    let clients = Authority::new();
    let receiving = receive(&authority.certify("127.0.0.1"), Some(&clients));
    let client = clients.certify("client");
    let folder = Folder::new("files");
    let files = [
        (
            "OTEL_EXPORTER_OTLP_CERTIFICATE",
            folder.write("ignored.pem", ""),
        ),
        (
            "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",
            folder.write("ca.pem", &authority.pem()),
        ),
        (
            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
            folder.write("client.pem", &client.certificate_pem),
        ),
        (
            "OTEL_EXPORTER_OTLP_CLIENT_KEY",
            folder.write("key.pem", &client.key.serialize_pem()),
        ),
        (
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            receiving.endpoint.clone(),
        ),
    ];
    let variable = |name: &str| {
        let (_, value) = files.iter().find(|(variable, _)| *variable == name)?;
        Some(value.clone())
    };
    let metrics = ready::Metrics::new();
    let push = Push::from_variables(&metrics, variable).expect("they are right");
    let pusher = push.interval(NEVER).timeout(TIMEOUT).start();
    pusher.expect("it starts").shutdown().expect("it is taken");
    receiving.next();
}

#[test]
fn files_that_cannot_be_read_are_reported() {
    let metrics = ready::Metrics::new();
    let variable = |name: &str| {
        name.ends_with("_OTLP_CERTIFICATE")
            .then(|| "missing/ca.pem".to_owned())
            .or_else(|| {
                name.ends_with("_OTLP_CLIENT_KEY")
                    .then(|| concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").to_owned())
            })
    };
    let error = Push::from_variables(&metrics, variable).expect_err("they are wrong");
    assert_eq!(
        error.to_string(),
        "OTEL_EXPORTER_OTLP_CERTIFICATE: `missing/ca.pem` is not a file that can be read\n\
         OTEL_EXPORTER_OTLP_CLIENT_KEY: needs `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`"
    );
}

#[test]
fn certificates_that_cannot_be_used_are_reported() {
    let metrics = ready::Metrics::new();
    let clients = Authority::new();
    let (one, other) = (clients.certify("one"), clients.certify("other"));
    let key = one.key.serialize_pem();
    let broken = "-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n";
    let start = |set: &dyn Fn(Push) -> Push| {
        let error = set(Push::new(&metrics))
            .start()
            .expect_err("it cannot start");
        assert!(matches!(error, StartError::Certificate { .. }));
        error.to_string()
    };
    let errors = [
        start(&|push| push.root_certificates("")),
        start(&|push| push.root_certificates(broken)),
        start(&|push| push.client_certificate(&*key, &*key)),
        start(&|push| push.client_certificate(&*one.certificate_pem, "")),
        start(&|push| push.client_certificate(&*other.certificate_pem, &*key)),
    ];
    let expected = [
        "cannot use the root certificates: the PEM has no certificate",
        "cannot use the root certificates: invalid peer certificate: BadEncoding",
        "cannot use the client certificate: the PEM has no certificate",
        "cannot use the client certificate: no items found",
        "cannot use the client certificate: keys may not be consistent: KeyMismatch",
    ];
    assert_eq!(errors, expected);
    assert!(!format!("{:?}", Push::new(&metrics).client_certificate("", &*key)).contains("KEY"));
}
