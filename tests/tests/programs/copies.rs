//! Two copies of the library in one process: a host, and a plugin that gets the host's registry.

use crate::project::{Project, library, manifest};

const SCHEMA: &str = "format = 1\nnamespace = \"app\"\n\n[groups.plain]\nhelp = \"Without labels.\"\n\n\
    [metrics.plain.small]\ntype = \"counter\"\nhelp = \"Events of the shorter schema.\"\n";

/// More pages than the host has, so that confusing the blocks would read beyond the end.
const FURTHER: &str = "\n[metrics.plain.events]\ntype = \"counter\"\nhelp = \"Events of the longer schema.\"\n\n\
    [labels.who]\nhelp = \"Who did it.\"\nopen = { max = 100 }\n\n[metrics.plain.calls]\ntype = \"counter\"\n\
    labels = [\"who\"]\nhelp = \"Calls by who made them.\"\n";

const PLUGIN: &str = "mod own { shadowcat_metrics::metrics!(\"own.toml\"); }\n\n\
    #[unsafe(no_mangle)]\npub fn plugin(host: &shared::Metrics) -> u64 {\n    \
    let own = own::Metrics::new();\n    own.plain().small().add(5);\n    \
    host.plain().events().inc();\n    own.plain().small().add(5);\n    \
    host.plain().events().add(2);\n    own.snapshot().plain().small()\n}\n";

const HOST: &str = "use std::ffi::{CString, c_char, c_int, c_void};\n\n\
    unsafe extern \"C\" {\n    fn dlopen(path: *const c_char, mode: c_int) -> *mut c_void;\n    \
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;\n}\n\n\
    fn main() {\n    let path = std::env::current_exe().unwrap().with_file_name(\"libplugin.so\");\n    \
    let path = CString::new(path.into_os_string().into_encoded_bytes()).unwrap();\n    \
    let metrics = shared::Metrics::new();\n    metrics.plain().events().inc();\n    \
    let plugin: fn(&shared::Metrics) -> u64 = unsafe {\n        let library = dlopen(path.as_ptr(), 2);\n        \
    assert!(!library.is_null());\n        std::mem::transmute(dlsym(library, c\"plugin\".as_ptr()))\n    };\n    \
    assert_eq!(plugin(&metrics), 10);\n    assert_eq!(metrics.snapshot().plain().events(), 4);\n    \
    assert_eq!(metrics.snapshot().plain().small(), 0);\n}\n";

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "it loads the plugin as Linux does")]
fn a_plugin_records_in_the_registry_of_its_host() {
    let shared = "shared = { path = 'shared' }";
    let project = Project::with_dependencies("host", shared);
    let members = "[workspace]\nmembers = ['plugin', 'shared']\ndefault-members = ['.', 'plugin']";
    project.write("Cargo.toml", &manifest("host", members, shared));
    let runtime = format!("shadowcat-metrics = {}", library());
    project.write("shared/Cargo.toml", &manifest("shared", "", &runtime));
    project.write("shared/metrics.toml", &format!("{SCHEMA}{FURTHER}"));
    project.write(
        "shared/src/lib.rs",
        "shadowcat_metrics::metrics!(\"metrics.toml\");\n",
    );
    let dynamic = "[lib]\ncrate-type = [\"cdylib\"]";
    let dependencies = format!("{runtime}\nshared = {{ path = '../shared' }}");
    project.write(
        "plugin/Cargo.toml",
        &manifest("plugin", dynamic, &dependencies),
    );
    project.write("plugin/own.toml", SCHEMA);
    project.write("plugin/src/lib.rs", PLUGIN);
    project.write("src/main.rs", HOST);
    project.cargo("build").succeeds();
    project.cargo("run").succeeds();
}
