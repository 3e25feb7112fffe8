import FeatureStorage

/// The classes of listed contents: each content once, with the label of the first path, bytewise, that has one.
struct ContentLabels {
    /// The labelled contents in the order of their paths: which picture of the listing gave the label, and its class.
    let entries: [(picture: Int, label: Int)]
    /// The classes' names, sorted.
    let classNames: [String]
    /// Listed contents that no path gives a label.
    let unlabeled: Int
    /// Contents under two labels or more.
    let conflicting: Int

    private static let unlisted: Int32 = -2
    private static let listed: Int32 = -1

    /// Reads `pictures`, in the order of their paths; `rows` numbers the content of each, below `rowCount`.
    init(_ pictures: [StoredPicture], rows: [Int], rowCount: Int) {
        precondition(pictures.count == rows.count, "\(rows.count) rows for \(pictures.count) pictures")
        var numbers: [String: Int32] = [:]
        // The class of each content, in the order in which classes came.
        var labelOf = [Int32](repeating: Self.unlisted, count: rowCount)
        var conflicts: Set<Int> = []
        var order: [(picture: Int, label: Int)] = []
        for (picture, row) in rows.enumerated() {
            guard let name = pictures[picture].label else {
                labelOf[row] = max(labelOf[row], Self.listed)
                continue
            }
            let label = numbers[name] ?? Int32(numbers.count)
            numbers[name] = label
            if labelOf[row] < 0 {
                labelOf[row] = label
                order.append((picture, Int(label)))
            } else if labelOf[row] != label {
                conflicts.insert(row)
            }
        }
        unlabeled = labelOf.count { $0 == Self.listed }
        conflicting = conflicts.count
        // A label that only lost conflicts is no class.
        let used = Set(order.map(\.label))
        let sorted = numbers.filter { used.contains(Int($0.value)) }.sorted { $0.key < $1.key }
        let rank = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { (Int($1.value), $0) })
        classNames = sorted.map(\.key)
        entries = order.compactMap { entry in rank[entry.label].map { (entry.picture, $0) } }
    }
}
