"""The runner of SDK releases before 1.0 (sdk-2.10 7, host side): there is none."""
raise ImportError("CSELFRunner is not available: compile with --memcpy and use SdkRuntime of "
                  "cerebras.sdk.runtime.sdkruntimepybind")
