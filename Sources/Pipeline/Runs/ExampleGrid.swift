import ImageInput

/// Examples of what queries find, as pictures: the query and its neighbors with the raw features in the first row, with the head in the
/// second.
enum ExampleGrid {
    private static let side = 96

    /// One picture an example; none where no file of any example is a picture any more.
    static func pictures(_ examples: [RetrievalExample]) -> [Picture] {
        let paths = examples.flatMap { [$0.query] + ($0.before + $0.after).map(\.path) }
        let thumbnails = Thumbnails(of: paths, side: side)
        guard paths.contains(where: { thumbnails[$0] != nil }) else { return [] }
        return examples.map { example in
            let columns = 1 + max(example.before.count, example.after.count)
            let rows = [example.before, example.after].flatMap { found in
                let row = [thumbnails[example.query]] + found.map { thumbnails[$0.path] }
                return row + [Picture?](repeating: nil, count: columns - row.count)
            }
            return Picture.grid(rows, columns: columns, side: side)
        }
    }
}
