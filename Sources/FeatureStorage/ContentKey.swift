import Tensors

/// A content hash as four words: no memory of its own, unlike `Fingerprint`, which matters for a set of a million.
struct ContentKey: Hashable, Sendable {
    static let byteCount = 32

    private let words: SIMD4<UInt64>

    init(_ fingerprint: Fingerprint) {
        self = fingerprint.bytes.withUnsafeBytes { Self(bytes: $0) }
    }

    /// The key in exactly 32 bytes.
    init(bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == Self.byteCount, "a content key of \(bytes.count) bytes")
        words = SIMD4(
            bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
    }

    var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    var fingerprint: Fingerprint {
        guard let value = Fingerprint(bytes: bytes) else { preconditionFailure("a key has 32 bytes") }
        return value
    }

    /// One word is enough: the words are SHA-256 and as good as random.
    func hash(into hasher: inout Hasher) { hasher.combine(words.x) }
}

/// The contents of a store and their numbers in the index, held by its writer.
struct ContentTable {
    private struct Entry {
        /// The content's number in the index; 0 until it is committed.
        var number: UInt32 = 0
        /// Whether it has a feature in the writer's space, committed or not.
        var isInSpace = false
    }

    private var entries: [ContentKey: Entry] = [:]
    private var largestNumber: UInt32 = 0

    /// A table of nothing.
    init() {}

    /// The table of the contents that the index numbers from 1 on in the order of `keys`; nil where one is there twice.
    init?(_ keys: [ContentKey], isInSpace: [Bool]?) {
        guard let count = UInt32(exactly: keys.count) else { return nil }
        largestNumber = count
        entries.reserveCapacity(keys.count)
        for (position, key) in keys.enumerated() {
            let entry = Entry(number: UInt32(position + 1), isInSpace: isInSpace?[position] ?? false)
            guard entries.updateValue(entry, forKey: key) == nil else { return nil }
        }
    }

    /// The content's number, and whether it is a new one.
    mutating func number(of key: ContentKey) -> (number: UInt32, isNew: Bool) {
        if let number = entries[key]?.number, number > 0 { return (number, false) }
        largestNumber += 1
        entries[key, default: Entry()].number = largestNumber
        return (largestNumber, true)
    }

    /// The contents that have a feature in the writer's space, committed or not.
    func contentsInSpace() -> Set<Fingerprint> {
        Set(entries.lazy.filter { $0.value.isInSpace }.map(\.key.fingerprint))
    }

    func isInSpace(_ key: ContentKey) -> Bool { entries[key]?.isInSpace ?? false }

    mutating func markInSpace(_ key: ContentKey) { entries[key, default: Entry()].isInSpace = true }
}
