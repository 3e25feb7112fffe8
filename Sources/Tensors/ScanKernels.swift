import CKernels

/// Inner products of one query with many rows, as fast as memory gives them. Sums are in an order that depends on the processor.
package enum ScanKernels {
    /// Writes the product of `query` with each row of `rows`, binary16 patterns, to `scores`, of which there is one a row.
    package static func dots(
        _ rows: UnsafeBufferPointer<UInt16>, _ query: UnsafeBufferPointer<Float>,
        into scores: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(rows.count == scores.count * query.count, "\(rows.count) values for \(scores.count) products")
        guard let rows = rows.baseAddress, let values = query.baseAddress, let target = scores.baseAddress else {
            return
        }
        ftc_f16_dots(rows, scores.count, query.count, values, target)
    }

    /// The same for rows of `Float`.
    package static func dots(
        _ rows: UnsafeBufferPointer<Float>, _ query: UnsafeBufferPointer<Float>,
        into scores: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(rows.count == scores.count * query.count, "\(rows.count) values for \(scores.count) products")
        guard let rows = rows.baseAddress, let values = query.baseAddress, let target = scores.baseAddress else {
            return
        }
        ftc_f32_dots(rows, scores.count, query.count, values, target)
    }

    /// The same for rows of bytes and a query of signed bytes, at most 65,536 of them: exact.
    package static func dots(
        _ rows: UnsafeBufferPointer<UInt8>, _ query: UnsafeBufferPointer<Int8>,
        into dots: UnsafeMutableBufferPointer<Int32>
    ) {
        precondition(rows.count == dots.count * query.count, "\(rows.count) values for \(dots.count) products")
        precondition(query.count <= 1 << 16, "\(query.count) bytes whose products may not fit")
        guard let rows = rows.baseAddress, let values = query.baseAddress, let target = dots.baseAddress else { return }
        ftc_u8_dots(rows, dots.count, query.count, values, target)
    }

    /// Writes the positions of the scores that are not below their cutoffs, ascending, NaN among them, to `positions`. Returns how
    /// many there are.
    package static func reaching(
        _ scores: UnsafeBufferPointer<Float>, _ cutoffs: UnsafeBufferPointer<Float>,
        into positions: UnsafeMutableBufferPointer<UInt32>
    ) -> Int {
        precondition(
            cutoffs.count >= scores.count && positions.count >= scores.count,
            "\(scores.count) scores, \(cutoffs.count) cutoffs, room for \(positions.count)")
        guard let scored = scores.baseAddress, let cutoffs = cutoffs.baseAddress, let target = positions.baseAddress
        else { return 0 }
        return ftc_reaching(scored, cutoffs, scores.count, target)
    }
}
