"""Rules and templates are found, and an edited file counts at once."""

from tunewise import resources


def test_rule_texts_have_posix_paths_in_order(tmp_path):
    (tmp_path / "criteria").mkdir()
    (tmp_path / "criteria" / "b.toml").write_text("b = 1")
    (tmp_path / "facts.toml").write_text("a = 1")
    (tmp_path / "README.md").write_text("no rule")

    texts = resources.rule_texts(tmp_path)

    assert texts == {"criteria/b.toml": "b = 1", "facts.toml": "a = 1"}


def test_an_edited_rule_is_seen_at_once(tmp_path):
    path = tmp_path / "facts.toml"
    path.write_text("a = 1")
    before = resources.rule_texts(tmp_path)

    path.write_text("a = 2")

    assert before != resources.rule_texts(tmp_path)


def test_the_checkout_is_used_where_nothing_is_packaged():
    assert (resources.templates_dir() / "base.html").is_file()
    assert resources.rules_dir().is_dir()
