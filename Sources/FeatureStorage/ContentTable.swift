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

    /// A table of nothing.
    init() {}

    /// The table of the contents that the index numbers from 1 on in the order of `keys`; nil where one is there twice.
    init?(_ keys: [Fingerprint], isInSpace: [Bool]?) {
        guard let count = UInt32(exactly: keys.count) else { return nil }
        largestNumber = count
        entries.reserveCapacity(keys.count)
        for (position, key) in keys.enumerated() {
            let entry = Entry(number: UInt32(position + 1), isInSpace: isInSpace?[position] ?? false)
            guard entries.updateValue(entry, forKey: key) == nil else { return nil }
        }
    }

    /// The content's number, and whether it is a new one.
    mutating func number(of key: Fingerprint) -> (number: UInt32, isNew: Bool) {
        if let number = entries[key]?.number, number > 0 { return (number, false) }
        largestNumber += 1
        entries[key, default: Entry()].number = largestNumber
        return (largestNumber, true)
    }

    /// The contents that have a feature in the writer's space, committed or not.
    func contentsInSpace() -> Set<Fingerprint> {
        Set(entries.lazy.filter { $0.value.isInSpace }.map(\.key))
    }

    func isInSpace(_ key: Fingerprint) -> Bool { entries[key]?.isInSpace ?? false }

    mutating func markInSpace(_ key: Fingerprint) { entries[key, default: Entry()].isInSpace = true }
}
