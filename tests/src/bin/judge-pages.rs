//! Writes pages of metrics for third-party parsers: `judge-pages OUTDIR` fills `OUTDIR/text` and `OUTDIR/openmetrics`.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use shadowcat_metrics_tests::pages::{Pages, golden, random};

/// Number of random schemas, in addition to the golden one.
const RANDOM: usize = 40;

fn main() -> ExitCode {
    let Some(out) = env::args_os().nth(1) else {
        eprintln!("usage: judge-pages OUTDIR");
        return ExitCode::from(2);
    };
    match write(Path::new(&out)) {
        Ok(count) => {
            println!(
                "{count} pages in each of two formats are in {}",
                Path::new(&out).display()
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("cannot write to {}: {error}", Path::new(&out).display());
            ExitCode::FAILURE
        }
    }
}

fn write(out: &Path) -> io::Result<usize> {
    let (text, open_metrics) = (out.join("text"), out.join("openmetrics"));
    fs::create_dir_all(&text)?;
    fs::create_dir_all(&open_metrics)?;
    let mut count = 0;
    for pages in std::iter::once(golden()).chain(random(RANDOM)) {
        let Pages {
            name,
            text: page,
            open_metrics: open_page,
        } = pages;
        fs::write(text.join(format!("{name}.txt")), page)?;
        fs::write(open_metrics.join(format!("{name}.txt")), open_page)?;
        count += 1;
    }
    Ok(count)
}
