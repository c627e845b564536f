//! Plots lines over releases on a logarithmic scale, as SVG for light and dark pages.

use std::fmt::Write as _;

/// A line of the plot.
#[derive(Debug)]
pub struct Line {
    /// Name in the legend.
    pub name: &'static str,
    /// Value at each release, if measured.
    pub values: Vec<Option<f64>>,
}

const WIDTH: f64 = 800.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 610.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 310.0;

/// Lower end of the scale: 1/100 of the fastest peer. The upper end is slightly above the fastest peer.
const SCALE_MIN: f64 = 0.01;
const SCALE_MAX: f64 = 3.0;

/// The Okabe-Ito colors, which are distinguishable with color blindness, and three more.
const COLORS: [&str; 11] = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D31", "#7F7F7F",
    "#882255", "#332288", "#000000",
];

/// Draws the lines.
#[must_use]
pub fn plot(releases: &[&str], lines: &[Line]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\" role=\"img\" \
         aria-label=\"This project's cost as a share of the fastest peer's, by release\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"22\" font-size=\"14\">Cost as a share of the fastest peer's (less is better)</text>\n",
    );
    let shares = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0];
    for (share, stroke) in shares
        .into_iter()
        .zip(["#ddd", "#ddd", "#ddd", "#ddd", "#555", "#ddd"])
    {
        let y = height(share);
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"{stroke}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{share}</text>",
            LEFT - 8.0,
            y + 4.0,
        );
    }
    for (at, release) in releases.iter().enumerate() {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            place(at, releases.len()),
            BOTTOM + 22.0,
            escaped(release),
        );
    }
    for (line, color) in lines.iter().zip(COLORS.iter().cycle()) {
        draw(&mut svg, line, color, releases.len());
    }
    label(&mut svg, lines);
    svg.push_str("</svg>\n");
    svg
}

fn draw(svg: &mut String, line: &Line, color: &str, releases: usize) {
    let points = line
        .values
        .iter()
        .enumerate()
        .filter_map(|(at, value)| Some((place(at, releases), height((*value)?))));
    let points: Vec<(f64, f64)> = points.collect();
    let path: Vec<String> = points
        .iter()
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>",
        path.join(" "),
    );
    for (x, y) in points {
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{color}\"/>"
        );
    }
}

/// Writes the lines' names at their ends, with enough distance to be readable.
fn label(svg: &mut String, lines: &[Line]) {
    let ends = lines
        .iter()
        .zip(COLORS.iter().cycle())
        .filter_map(|(line, color)| {
            let last = line.values.iter().rev().find_map(|value| *value)?;
            Some((height(last), line.name, *color, last))
        });
    let mut ends: Vec<_> = ends.collect();
    ends.sort_by(|(a, ..), (b, ..)| a.total_cmp(b));
    let mut above = TOP - 14.0;
    for (y, name, color, value) in ends {
        let y = y.max(above + 14.0);
        above = y;
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{color}\">{name} {value:.2}</text>",
            RIGHT + 10.0,
            y + 4.0,
        );
    }
}

/// Returns the horizontal position of a release.
fn place(at: usize, releases: usize) -> f64 {
    let share = (at as f64 + 1.0) / (releases as f64 + 1.0);
    LEFT + (RIGHT - LEFT) * share
}

/// Returns the vertical position of a value.
fn height(value: f64) -> f64 {
    let share = (value.clamp(SCALE_MIN, SCALE_MAX) / SCALE_MIN).ln() / (SCALE_MAX / SCALE_MIN).ln();
    BOTTOM - (BOTTOM - TOP) * share
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_drawn_inside_the_frame() {
        let line = Line {
            name: "counter",
            values: vec![Some(0.000_1), None, Some(0.5), Some(100.0)],
        };
        let svg = plot(&["0.1", "0.2", "0.3", "<4>"], &[line]);
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(svg.contains("&lt;4>"));
        for value in [0.0, 0.01, 1.0, 1e9] {
            assert!((TOP..=BOTTOM).contains(&height(value)));
        }
    }
}
