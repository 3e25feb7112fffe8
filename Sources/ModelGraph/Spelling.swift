/// Finds what a mistyped name may have meant.
enum Spelling {
    /// The names of `known` that take the fewest edits to become `name`, at most `limit` of them, nearest first.
    static func nearest(to name: String, in known: [String], limit: Int = 3) -> [String] {
        let typed = Array(name.lowercased().utf8.prefix(200))
        let ranked = known.map { (name: $0, distance: distance(typed, Array($0.lowercased().utf8))) }
        return ranked.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
            .prefix(limit).map(\.element.name)
    }

    /// How many letters must be put in, left out or exchanged to turn one word into the other (Levenshtein 1966).
    static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var row = Array(0...second.count)
        for (index, letter) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in second.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[second.count]
    }
}
