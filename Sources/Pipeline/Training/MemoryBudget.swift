import Foundation
import Tensors

/// How many bytes decoded features may take.
public struct MemoryBudget: Sendable, Hashable, CustomStringConvertible {
    /// The bytes, at least 1.
    public let bytes: Int

    /// A budget of `bytes`, which must be positive.
    public init(bytes: Int) {
        precondition(bytes > 0, "a memory budget of \(bytes) bytes")
        self.bytes = bytes
    }

    /// Reads a number of bytes with an optional suffix K, M, G or T, powers of 1024: `2G`. Throws `InputError` where `text`
    /// is something else, zero or more than can be counted.
    public init(_ text: String) throws {
        let scalars = Array(text.unicodeScalars)
        let unit = scalars.last.flatMap { "KMGT".unicodeScalars.firstOffset(of: $0.properties.uppercaseMapping) }
        let digits = String(String.UnicodeScalarView(unit == nil ? scalars : scalars.dropLast()))
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            throw Self.unreadable(text, "is not a number of bytes")
        }
        let scale = unit.map { 1 << (10 * ($0 + 1)) } ?? 1
        guard let count = Int(digits), !count.multipliedReportingOverflow(by: scale).overflow else {
            throw Self.unreadable(text, "is more than can be counted")
        }
        guard count > 0 else { throw Self.unreadable(text, "is nothing") }
        bytes = count * scale
    }

    /// Half of the memory that the process may use: the machine's, or its control group's where that is less.
    public static var standard: MemoryBudget {
        let machine = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        let group = (try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8)).flatMap(groupLimit)
        return MemoryBudget(bytes: max(1, min(machine, group ?? machine) / 2))
    }

    /// What Linux' `memory.max` says: a number of bytes, or nil for no limit.
    static func groupLimit(_ text: String) -> Int? {
        Int(text.trimmingCharacters(in: .whitespacesAndNewlines)).flatMap { $0 > 0 ? $0 : nil }
    }

    /// The bytes in binary units, such as `1.5 GiB`.
    public var description: String { Self.text(bytes) }

    /// A number of bytes in mebibytes or, from ten thousand of them on, in gibibytes.
    static func text(_ bytes: Int) -> String {
        let mebibytes = Double(bytes) / 0x1p20
        return mebibytes < 10_000
            ? String(format: "%.1f MiB", mebibytes) : String(format: "%.1f GiB", mebibytes / 1024)
    }

    private static func unreadable(_ text: String, _ fact: String) -> InputError {
        InputError(
            "memory '\(text)'", fact,
            remedy: "Give a whole number of bytes, or one with K, M, G or T (powers of 1024), such as 2G.")
    }
}

extension String.UnicodeScalarView {
    /// How far from the start the scalar is that `text` consists of; nil where there is none.
    fileprivate func firstOffset(of text: String) -> Int? {
        enumerated().first { String($0.element) == text }?.offset
    }
}
