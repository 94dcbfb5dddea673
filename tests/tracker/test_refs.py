from tracker import refs


def test_the_nearest_of_many_names_is_found() -> None:
    many = [f"r-{number:05}-{number % 97}" for number in range(10_000)]

    error = refs.not_recorded("run", "r-04711-5", many)

    assert "r-04711-55" in str(error)


def test_where_no_name_is_near_the_list_is_named() -> None:
    error = refs.not_recorded("run", "zzz", ["r-1", "r-2"])

    assert "`tunewise run list` shows what is recorded." in str(error)
