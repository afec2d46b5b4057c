from nlpkit.evaluation.confidence import reliability


def test_a_bin_holds_its_upper_edge():
    bins = reliability([[0.5, 0.5], [0.25, 0.75], [0.0, 1.0]], [0, 1, 1], bins=4)
    assert bins.counts.tolist() == [0, 1, 1, 1]
