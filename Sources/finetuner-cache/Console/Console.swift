import Foundation
import Synchronization

/// What the program says to a person: on stderr, so that stdout stays for data.
enum Console {
    /// Whether stderr is a terminal.
    static let isTerminal = isatty(STDERR_FILENO) == 1

    /// Whether messages may have color (no-color.org).
    static let hasColor = isTerminal && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty

    private static let isSilent = Mutex(false)

    /// Tells errors only from now on: another process of the same work speaks for this one.
    static func silence() { isSilent.withLock { $0 = true } }

    /// A message on a line of its own.
    static func note(_ text: String) { write(text + "\n") }

    /// Something that is done but not as it should be.
    static func warning(_ text: String) { write(colored("warning:", 33) + " \(Formats.visible(text))\n") }

    /// Why the command ends.
    static func error(_ text: String) { tell(colored("error:", 31) + " \(Formats.visible(text))\n") }

    /// Text as it is.
    static func write(_ text: String) {
        if !isSilent.withLock({ $0 }) { tell(text) }
    }

    private static func tell(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    private static func colored(_ text: String, _ code: Int) -> String {
        hasColor ? "\u{1B}[1;\(code)m\(text)\u{1B}[0m" : text
    }
}
