"""The client of a system in a data centre (host 13): there is none."""
raise ImportError("cerebras.sdk.client does not exist yet: compile with cslc instead of SdkCompiler, run with SdkRuntime of "
                  "cerebras.sdk.runtime.sdkruntimepybind")
