/// The labels of a listing as numbers: four bytes a picture, so that the listing itself need not stay.
struct PictureLabels {
    /// The labels, in the order in which they came.
    let names: [String]
    /// The label of each picture, a position in `names`; -1 for none.
    let numbers: [Int32]

    /// Numbers the labels of pictures; nil for none.
    init(_ labels: [String?]) {
        var positions: [String: Int32] = [:]
        var names: [String] = []
        numbers = labels.map { label in
            guard let name = label else { return -1 }
            if let known = positions[name] { return known }
            positions[name] = Int32(names.count)
            names.append(name)
            return Int32(names.count - 1)
        }
        self.names = names
    }
}

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

    /// Reads the labels of a listing in the order of its paths; `rows` numbers the content of each picture, below `rowCount`,
    /// -1 for one that has no feature.
    init(_ labels: PictureLabels, rows: [Int32], rowCount: Int) {
        precondition(labels.numbers.count == rows.count, "\(rows.count) rows for \(labels.numbers.count) pictures")
        var labelOf = [Int32](repeating: Self.unlisted, count: rowCount)
        var conflicts: Set<Int32> = []
        var order: [(picture: Int, label: Int)] = []
        for (picture, (row, label)) in zip(rows, labels.numbers).enumerated() where row >= 0 {
            let known = labelOf[Int(row)]
            if label < 0 {
                labelOf[Int(row)] = max(known, Self.listed)
            } else if known < 0 {
                labelOf[Int(row)] = label
                order.append((picture, Int(label)))
            } else if known != label {
                conflicts.insert(row)
            }
        }
        unlabeled = labelOf.count { $0 == Self.listed }
        conflicting = conflicts.count
        // A label that only lost conflicts is no class.
        let sorted = Set(order.map(\.label)).sorted { labels.names[$0] < labels.names[$1] }
        let rank = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, $0) })
        classNames = sorted.map { labels.names[$0] }
        entries = order.compactMap { entry in rank[entry.label].map { (entry.picture, $0) } }
    }
}
