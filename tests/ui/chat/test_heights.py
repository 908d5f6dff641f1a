import random

from ui.chat.heights import HeightTree


def test_against_a_plain_list() -> None:
    rnd = random.Random(5)
    tree, plain = HeightTree(), []
    for _ in range(3000):
        step = rnd.random()
        if step < 0.5 or not plain:
            height = rnd.randrange(0, 50)
            tree.append(height)
            plain.append(height)
        elif step < 0.7:
            tree.pop()
            plain.pop()
        else:
            at = rnd.randrange(len(plain))
            plain[at] = rnd.randrange(0, 50)
            tree.set(at, plain[at])
        assert tree.total == sum(plain)
        assert len(tree) == len(plain)
        at = rnd.randrange(len(plain) + 1)
        assert tree.prefix(at) == sum(plain[:at])


def test_find_gives_the_row_that_covers_a_pixel() -> None:
    tree = HeightTree()
    for height in (10, 0, 20, 5):
        tree.append(height)
    assert [tree.find(y) for y in (-5, 0, 9, 10, 29, 30, 34, 99)] == [0, 0, 0, 2, 2, 3, 3, 3]
