"""How often a routine evaluates the function that it is given."""


def counted(f):
    """f, with a count of its calls."""

    def call(x):
        call.calls += 1
        return f(x)

    call.calls = 0
    return call
