"""The SDK's module names on top of Weft. Weft is independent of the vendor of the machine."""
