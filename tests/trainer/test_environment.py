from trainer.environment import PACKAGES, describe, peak_memory_bytes


def test_a_run_remembers_versions_machine_and_how_it_computed() -> None:
    found = describe({"device": "cpu", "precision_training": "float32"})

    assert found["device"] == "cpu"
    assert found["precision_training"] == "float32"
    assert found["packages"].keys() == set(PACKAGES)
    assert found["python"].startswith("3.")
    assert found["cores"] >= 1
    assert len(found["git_commit"]) in (0, 40)


def test_peak_memory_is_in_bytes() -> None:
    before = peak_memory_bytes()

    block = bytearray(64 * 2**20)

    # an interpreter takes more than 10 MB and less than 100 GB
    assert 10**7 < before <= peak_memory_bytes() < 10**11
    assert len(block) == 64 * 2**20
