import Foundation
import Tensors

/// Runs the built `finetuner-cache` as a user would.
struct Program {
    /// How a run ended.
    struct Outcome {
        let status: Int32
        /// Whether it ended itself or a signal did; then `status` is the signal.
        let reason: Process.TerminationReason
        let output: String
        let messages: String

        /// stdout as JSON.
        func json<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
            try JSONDecoder().decode(Value.self, from: Data(output.utf8))
        }
    }

    /// The folder in which it runs; everything it writes stays below.
    let folder: URL

    /// A program in an empty folder of its own.
    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("finetuner-cache-tests").appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// The executable that FINETUNER_CACHE_PROGRAM names, as `Tools/test` does with the release build; else the one
    /// beside the running test bundle.
    static let executable: URL = {
        if let named = ProcessInfo.processInfo.environment["FINETUNER_CACHE_PROGRAM"] {
            return URL(fileURLWithPath: named)
        }
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0])
        var place = bundle.deletingLastPathComponent()
        // The test runner is the bundle itself or a helper that is given the bundle's path.
        if let argument = CommandLine.arguments.first(where: { $0.hasSuffix(".xctest") }) {
            place = URL(fileURLWithPath: argument).deletingLastPathComponent()
        }
        return place.appendingPathComponent("finetuner-cache")
    }()

    /// A path in the folder.
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// Starts a run and does not wait for it; `wrapper`, a program and its arguments, is given the run to start.
    func start(
        _ arguments: [String], environment: [String: String] = [:], under wrapper: [String] = [],
        executable: String = executable.path
    ) throws -> Process {
        let process = Process()
        let command = wrapper + [executable] + arguments
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = folder
        var variables = ProcessInfo.processInfo.environment
        variables["FINETUNER_CACHE_HOME"] = path("home")
        variables["FINETUNER_CACHE_STORE"] = nil
        process.environment = variables.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        return process
    }

    /// Runs to the end.
    func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
        try run(arguments, environment: environment)
    }

    /// The same with the arguments as an array; `input` is a file to read as stdin.
    func run(
        _ arguments: [String], environment: [String: String] = [:], under wrapper: [String] = [], input: String? = nil,
        executable: String = executable.path
    ) throws -> Outcome {
        let process = try start(arguments, environment: environment, under: wrapper, executable: executable)
        // Files, not pipes: a full pipe would stop the program while nobody reads the other one.
        let (output, messages) = (path(".stdout-\(UUID().uuidString)"), path(".stderr-\(UUID().uuidString)"))
        for file in [output, messages] { try Data().write(to: URL(fileURLWithPath: file)) }
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: messages)
        if let input { process.standardInput = FileHandle(forReadingAtPath: input) }
        try process.run()
        process.waitUntilExit()
        defer { for file in [output, messages] { try? FileManager.default.removeItem(atPath: file) } }
        return Outcome(
            status: process.terminationStatus, reason: process.terminationReason,
            output: try String(contentsOfFile: output, encoding: .utf8),
            messages: try String(contentsOfFile: messages, encoding: .utf8))
    }

    /// Deletes everything.
    func clean() { try? FileManager.default.removeItem(at: folder) }
}
