"""The routines can be called often and from many threads: `make load` does the same a million times."""

import threading

import numpy as np
import pytest

from tests.load import ROOM, ROUTINES, growth, unequal


@pytest.mark.parametrize("name", ROUTINES)
def test_a_routine_holds_no_memory_from_call_to_call(name):
    assert growth(ROUTINES[name], 300) < ROOM


@pytest.mark.parametrize("name", ROUTINES)
def test_eight_threads_at_once_get_the_answer_of_one(name):
    assert unequal(ROUTINES[name], threads=8, calls=5) == 0


def test_a_routine_that_keeps_what_it_is_given_is_found():
    kept = []
    assert growth(lambda: kept.append(np.zeros(80)), 1000) > ROOM


def test_a_routine_whose_threads_share_a_buffer_is_found():
    shared, numbers = np.zeros(1), {}

    def call():
        shared[0] = numbers.setdefault(threading.get_ident(), len(numbers))
        return shared.copy()

    assert unequal(call, threads=8, calls=5) > 0
