import pytest

from irstd.models.decoding import Decoding


def test_forms_that_do_not_fit_are_refused() -> None:
    for kind, planes, stride in (("centres", 2, 2), ("peaks", 2, 4), ("components", 1, 2)):
        with pytest.raises(ValueError, match=r"planes|stride"):
            Decoding(kind, planes, stride, None, sigmoid=True)  # type: ignore[arg-type]
