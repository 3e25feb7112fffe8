import Foundation
import Tensors

/// A Python interpreter that can import the given modules; nil where there is none.
public enum Python {
    /// The one that `FINETUNER_CACHE_PYTHON` names, else python3.
    public static func interpreter(importing modules: String) -> String? {
        let named = ProcessInfo.processInfo.environment["FINETUNER_CACHE_PYTHON"]
        return [named, "python3"].compactMap { $0 }.first { (try? run($0, "import \(modules)")) != nil }
    }

    /// Runs a program and gives what it prints. Throws where it fails.
    public static func run(_ interpreter: String, _ program: String, _ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [interpreter, "-c", program] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw InputError(interpreter, "failed") }
        return String(decoding: data, as: UTF8.self)
    }
}
