//! Labels: their values, and what these were called.

use super::super::Release;
use super::assert_changes;

#[test]
fn label_values() {
    assert_changes(
        &[("\"food\", \"tools\"", "\"food\", \"books\"")],
        &[
            "label shelf values: tools -> none [breaking breaking]",
            "label shelf values: none -> books [additive breaking]",
        ],
        Release::Major,
    );
    assert_changes(
        &[("\"idle\", \"busy\"", "\"busy\", \"idle\"")],
        &["label mode values: idle, busy -> busy, idle [cosmetic cosmetic]"],
        Release::Patch,
    );
    assert_changes(
        &[("\"idle\", \"busy\"", "\"idle\", \"busy\", \"off\"")],
        &["label mode values: none -> off [additive breaking]"],
        Release::Minor,
    );
    assert_changes(
        &[("max = 3", "max = 4")],
        &["label tenant open.max: 3 -> 4 [additive cosmetic]"],
        Release::Minor,
    );
    assert_changes(
        &[("max = 3", "max = 2, overflow = \"more\"")],
        &[
            "label tenant open.max: 3 -> 2 [breaking cosmetic]",
            "label tenant open.overflow: __other__ -> more [breaking cosmetic]",
        ],
        Release::Major,
    );
    assert_changes(
        &[("values = [\"food\", \"tools\"]", "open = { max = 2 }")],
        &[
            "label shelf values: food, tools -> open, at most 2 [additive breaking]",
            "label label values: none -> shelf [additive cosmetic]",
        ],
        Release::Major,
    );
}

#[test]
fn former_values() {
    let renamed = "values = { food = \"it\", kit = { renamed_from = { name = \"tools\", until = \"2.0.0\" } } }";
    assert_changes(
        &[("values = [\"food\", \"tools\"]", renamed)],
        &[
            "label shelf values: none -> food: it [cosmetic cosmetic]",
            "label shelf values: tools -> kit, and still tools [breaking breaking]",
        ],
        Release::Major,
    );
}

#[test]
fn bad_values() {
    let marked = "values = { food = {}, tools = { bad = true } }";
    assert_changes(
        &[("values = [\"food\", \"tools\"]", marked)],
        &["label shelf values: tools: not bad -> tools: bad [cosmetic cosmetic]"],
        Release::Patch,
    );
}
