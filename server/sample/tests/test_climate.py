import os
import unittest

from terrarium_sample import celsius, comfort


class ClimateTest(unittest.TestCase):
    def test_celsius(self):
        self.assertEqual(celsius(77), 25.0)
        self.assertEqual(celsius(-40), -40.0)

    def test_comfort(self):
        self.assertEqual(comfort(24, 80), "happy")
        self.assertEqual(comfort(24, 30), "dry")
        self.assertEqual(comfort(12, 80), "cold")
        self.assertEqual(comfort(35, 80), "hot")

    def test_humidity_is_a_percentage(self):
        self.assertRaises(ValueError, comfort, 24, 101)

    def test_the_season_is_set(self):
        self.assertIn(os.environ.get("SEASON"), ("dry", "rainy"))


if __name__ == "__main__":
    unittest.main()
