import Foundation

/// The library of `faults.c`, compiled when it is first asked for.
enum FaultLibrary {
    /// Where it is, or why there is none.
    static let compiled = Result<String, Unavailable> { () throws(Unavailable) in try compile() }

    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    /// Whether tests can use it.
    static var isAvailable: Bool { (try? compiled.get()) != nil }

    /// The variables that load it into a program and let it watch `folder`. `report` gets a line for each call counted.
    static func environment(watching folder: String, report: String? = nil, fault: Fault? = nil) throws -> [String:
        String]
    {
        var variables = [
            "LD_PRELOAD": try compiled.get(), "FAULTS_STORE": folder,
                // Else the program would start itself once more to set it, without the library.

        ]
        variables["FAULTS_REPORT"] = report
        return variables.merging(fault?.environment ?? [:]) { $1 }
    }

    private static func compile() throws(Unavailable) -> String {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let target = FileManager.default.temporaryDirectory.appendingPathComponent("faults-\(getpid()).so").path
        let files = ["faults.c", "powercut.c"].map { sources.appendingPathComponent($0).path }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["cc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"] + files
            + ["-o", target, "-ldl", "-lpthread"]
        let messages = Pipe()
        process.standardError = messages
        do { try process.run() } catch { throw Unavailable(description: "cc cannot be run: \(error)") }
        let text = String(decoding: messages.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Unavailable(description: "cc failed: \(text)") }
        return target
    }
}
