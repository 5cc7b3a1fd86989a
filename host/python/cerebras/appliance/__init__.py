"""The client of a system in a data centre (host 13): there is none."""
raise ImportError("cerebras.appliance does not exist yet: programs run on this machine, with the enums of "
                  "cerebras.sdk.runtime.sdkruntimepybind")
