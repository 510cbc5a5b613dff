"""python main.py backup, told the wrong folders."""

from pathlib import Path

from tests.test_create_api_key import run


def test_a_data_directory_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    nowhere = tmp_path / "mistyped"
    refused = run(tmp_path, "backup", str(tmp_path / "made.backup"), data=nowhere)
    text = f"There is no data directory {nowhere}. Set SMS_DATA_DIR to the one that the program uses.\n"
    assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", text)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    data, folder = tmp_path / "data", tmp_path / "not" / "mounted"
    data.mkdir()
    refused = run(data, "backup", str(folder / "made.backup"))
    text = f"There is no folder {folder}. Make it, or see whether its disk is mounted.\n"
    assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", text)
    assert not folder.parent.exists()
