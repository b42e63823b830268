"""Climate of a terrarium: small functions that have something to test on every Python."""


def celsius(fahrenheit):
    """Degrees Celsius, to one decimal."""
    return round((fahrenheit - 32) * 5.0 / 9.0, 1)


def comfort(temperature, humidity):
    """How a frog feels at so many degrees Celsius and per cent of humidity."""
    if not 0 <= humidity <= 100:
        raise ValueError("humidity is a percentage, not %r" % (humidity,))
    if temperature < 18:
        return "cold"
    if temperature > 28:
        return "hot"
    return "dry" if humidity < 60 else "happy"
