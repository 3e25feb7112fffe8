import Foundation
import Tensors

/// Runs another program and waits for it.
enum ExternalTool {
    /// Runs `name` from the PATH. Throws `InputError` with the last line it wrote to stderr where it fails or is missing.
    static func run(_ name: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name] + arguments
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        do { try process.run() } catch {
            throw InputError(name, "cannot be started: \(error.localizedDescription)")
        }
        let said = (try? errors.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let lines = String(decoding: said, as: UTF8.self).split(whereSeparator: \.isNewline)
            let reason = lines.last { !$0.allSatisfy(\.isWhitespace) } ?? "exit status \(process.terminationStatus)"
            throw InputError(name, String(reason))
        }
    }
}
