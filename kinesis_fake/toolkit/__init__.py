"""What a tester holds in hand: the fake, its views and its report."""
