import Tensors

/// The contents of a store and their numbers in the index, held by its writer.
struct ContentTable {
    private struct Entry {
        /// The content's number in the index; 0 until it is committed.
        var number: UInt32 = 0
        /// Whether it has a feature in the writer's space, committed or not.
        var isInSpace = false
    }

    private var entries: [Fingerprint: Entry] = [:]
    private var largestNumber: UInt32 = 0
    /// The contents that the listing or an older state of it names and no row of a segment has.
    private var rowless: Set<UInt32> = []

    /// Enters a content with its number in the index; a content may be entered once for each space. False where the number
    /// cannot be, or the content has another.
    mutating func enter(_ key: Fingerprint, number: Int64, isInSpace: Bool, hasRow: Bool) -> Bool {
        guard let number = UInt32(exactly: number), number > 0 else { return false }
        var entry = entries[key] ?? Entry(number: number)
        guard entry.number == number else { return false }
        entry.isInSpace = entry.isInSpace || isInSpace
        entries[key] = entry
        largestNumber = max(largestNumber, number)
        if !hasRow { rowless.insert(number) }
        return true
    }

    /// The content's number, and whether it is a new one.
    mutating func number(of key: Fingerprint) -> (number: UInt32, isNew: Bool) {
        if let number = entries[key]?.number, number > 0 { return (number, false) }
        largestNumber += 1
        entries[key, default: Entry()].number = largestNumber
        return (largestNumber, true)
    }

    /// Notes that no row of a segment has a content.
    mutating func markRowless(_ number: UInt32) { rowless.insert(number) }

    /// Notes that a row has a content. True where none had before and the index therefore keeps the content's hash.
    mutating func markStored(_ number: UInt32) -> Bool { rowless.remove(number) != nil }

    /// The contents that have a feature in the writer's space, committed or not.
    func contentsInSpace() -> Set<Fingerprint> {
        Set(entries.lazy.filter { $0.value.isInSpace }.map(\.key))
    }

    /// The committed contents by their numbers.
    func keys() -> ContentKeys {
        ContentKeys(entries.lazy.filter { $0.value.number > 0 }.map { ($0.value.number, $0.key) })
    }

    func isInSpace(_ key: Fingerprint) -> Bool { entries[key]?.isInSpace ?? false }

    mutating func markInSpace(_ key: Fingerprint) { entries[key, default: Entry()].isInSpace = true }
}
