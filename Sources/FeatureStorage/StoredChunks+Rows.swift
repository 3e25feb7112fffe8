import Dispatch
import Synchronization
public import Tensors

/// The rows of all chunks, numbered in storage order.
extension StoredChunks {
    /// The number of rows.
    public var rowCount: Int { starts[chunks.count] }

    /// The rows of the chunk at `position`.
    public func range(at position: Int) -> Range<Int> { starts[position]..<starts[position + 1] }

    /// The position of the chunk that has a row, `0..<rowCount`.
    public func position(ofRow row: Int) -> Int {
        precondition((0..<rowCount).contains(row), "row \(row) of \(rowCount)")
        return starts.firstPosition { $0 > row } - 1
    }

    /// What names the rows of the chunk at `position`, their features included: SHA-256 over where the chunk is, the checksum of its
    /// header and which of its rows count. What is made of the rows, and kept under this name, is right as long as it is found.
    public func identity(at position: Int) -> Fingerprint {
        let chunk = chunks[position]
        var bytes = chunk.segmentUUID
        func append(_ number: Int) { withUnsafeBytes(of: Int64(number).littleEndian) { bytes.append(contentsOf: $0) } }
        append(chunk.offset)
        append(Int(chunk.headerChecksum))
        for run in chunk.runs { [run.firstRow, run.count].forEach(append) }
        return Fingerprint(of: bytes)
    }

    /// The contents of some rows, in the order of `rows`. Throws as `contents(at:)` does.
    public func contents(ofRows rows: some Collection<Int>) throws -> [Fingerprint] {
        var known: [Int: [Fingerprint]] = [:]
        return try rows.map { row in
            let position = position(ofRow: row)
            let contents = try known[position] ?? contents(at: position)
            known[position] = contents
            return contents[row - starts[position]]
        }
    }

    /// The features of some rows, shape `[rows.count, dimension]`. Throws as `read(at:)` does.
    public func features(ofRows rows: [Int]) throws -> Matrix {
        var known: [Int: Matrix] = [:]
        var elements: [Float] = []
        for row in rows {
            let position = position(ofRow: row)
            let features = try known[position] ?? read(at: position).features
            known[position] = features
            elements += features.row(row - starts[position])
        }
        return Matrix(rows: rows.count, columns: space.dimension, elements: elements)
    }

    /// The rows whose contents fulfill a condition, ascending; reads every row table, on all processors. Throws as `contents(at:)`
    /// does.
    public func rows(where condition: @Sendable (Fingerprint) -> Bool) throws -> [Int] {
        let found = Mutex<(rows: [Int], error: (any Error)?)>(([], nil))
        DispatchQueue.concurrentPerform(iterations: count) { position in
            do {
                let contents = try contents(at: position)
                let rows = contents.indices.filter { condition(contents[$0]) }.map { starts[position] + $0 }
                if !rows.isEmpty { found.withLock { $0.rows += rows } }
            } catch { found.withLock { $0.error = $0.error ?? error } }
        }
        let (rows, error) = found.withLock { $0 }
        if let error { throw error }
        return rows.sorted()
    }

    /// The number in the index of the content of a row.
    func number(ofRow row: Int) -> Int64 {
        let position = position(ofRow: row)
        var offset = row - starts[position]
        for run in chunks[position].runs {
            if offset < run.count { return run.firstContent + Int64(offset) }
            offset -= run.count
        }
        preconditionFailure("row \(row) is in no run")
    }
}
