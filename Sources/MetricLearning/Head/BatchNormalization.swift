import CKernels
import Tensors

/// Batch normalization of a layer's columns in training, with scale, shift and ReLU in the same pass (Ioffe and Szegedy
/// 2015; numbers as `torch.nn.BatchNorm1d` followed by `ReLU`).
///
/// Work is split by columns, a cache-sized strip each, and every column is summed from the first row to the last: results
/// do not depend on the number of threads.
enum BatchNormalization {
    /// Added to the variance before the root; PyTorch's default.
    static let epsilon: Float = 1e-5

    /// From the linear outputs in `layer.normalized`: the moments of each column, the normalized values (in place) and
    /// `activation = scale * normalized + shift`, with negative values set to 0 where `rectified`. The moments are those of the
    /// whole batch where the rows are a `share` of it.
    static func forward(
        _ layer: inout HeadWorkspace.Layer, scale: Matrix, shift: Matrix, rectified: Bool, share: BatchShare? = nil
    ) {
        if let share { measure(&layer, share) }
        let (rows, columns) = (layer.normalized.rows, layer.normalized.columns)
        layer.normalized.withUnsafeMutableElements { values in
            layer.activation.withUnsafeMutableElements { outputs in
                layer.moments.withUnsafeMutableElements { moments in
                    scale.withUnsafeElements { scale in
                        shift.withUnsafeElements { shift in
                            Strip.forEach(rows: rows, columns: columns) { strip in
                                if share == nil { strip.measure(values, moments: moments) }
                                strip.normalize(values, moments: moments)
                                strip.transform(
                                    values, scale: scale, shift: shift, floor: rectified ? 0 : -.infinity,
                                    into: outputs)
                            }
                        }
                    }
                }
            }
        }
    }

    /// Turns `layer.delta` from the derivative by the activation into the one by the linear output, in place:
    /// `scale / deviation * (d - mean(d) - normalized * mean(d * normalized))` with d = delta behind the ReLU, and writes
    /// the derivatives by scale, `sum(d * normalized)`, and shift, `sum(d)`, to `layer.slopes`.
    ///
    /// Where dropout followed the ReLU, what it set to 0 lets nothing through either, and `keep` is what it raised the others by.
    /// Means and sums are over the whole batch where the rows are a `share` of it.
    static func backward(
        _ layer: inout HeadWorkspace.Layer, scale: Matrix, rectified: Bool, keep: Float = 1, share: BatchShare? = nil
    ) {
        if let share { sumSlopes(&layer, rectified, keep, share) }
        let (rows, columns) = (layer.delta.rows, layer.delta.columns)
        let batch = share?.count ?? rows
        layer.delta.withUnsafeMutableElements { delta in
            layer.slopes.withUnsafeMutableElements { slopes in
                layer.activation.withUnsafeElements { outputs in
                    layer.normalized.withUnsafeElements { values in
                        layer.moments.withUnsafeElements { moments in
                            scale.withUnsafeElements { scale in
                                Strip.forEach(rows: rows, columns: columns) { strip in
                                    if share == nil {
                                        if rectified { strip.mask(delta, where: outputs, factor: keep) }
                                        strip.sum(delta, values, into: slopes)
                                    }
                                    strip.propagate(
                                        delta, values, slopes, moments: moments, scale: scale, batch: batch)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Passes over a part of a batch, with sums over all processes between them.
extension BatchNormalization {
    /// The moments of the whole batch: the same two passes as over all rows of one process.
    private static func measure(_ layer: inout HeadWorkspace.Layer, _ share: BatchShare) {
        let (rows, columns) = (layer.normalized.rows, layer.normalized.columns)
        var (means, variances) = (Matrix(rows: 1, columns: columns), Matrix(rows: 1, columns: columns))
        layer.normalized.withUnsafeElements { values in
            means.withUnsafeMutableElements { means in
                Strip.forEach(rows: rows, columns: columns) { $0.sum(values, into: means) }
                share.group.sum(means)
                Strip.forEach(rows: rows, columns: columns) { $0.divide(means, by: share.count) }
                variances.withUnsafeMutableElements { variances in
                    Strip.forEach(rows: rows, columns: columns) {
                        $0.sumSquares(values, from: UnsafeBufferPointer(means), into: variances)
                    }
                    share.group.sum(variances)
                    layer.moments.withUnsafeMutableElements { moments in
                        _ = moments.update(fromContentsOf: means)
                        _ = moments.extracting(columns...).update(fromContentsOf: variances)
                        Strip.forEach(rows: rows, columns: columns) { $0.invert(moments, batch: share.count) }
                    }
                }
            }
        }
    }

    /// The slopes of the whole batch, from `layer.delta`, which then is what passed the ReLU.
    private static func sumSlopes(
        _ layer: inout HeadWorkspace.Layer, _ rectified: Bool, _ keep: Float, _ share: BatchShare
    ) {
        let (rows, columns) = (layer.delta.rows, layer.delta.columns)
        layer.delta.withUnsafeMutableElements { delta in
            layer.slopes.withUnsafeMutableElements { slopes in
                layer.activation.withUnsafeElements { outputs in
                    layer.normalized.withUnsafeElements { values in
                        Strip.forEach(rows: rows, columns: columns) { strip in
                            if rectified { strip.mask(delta, where: outputs, factor: keep) }
                            strip.sum(delta, values, into: slopes)
                        }
                    }
                }
                share.group.sum(slopes)
            }
        }
    }
}

/// Some neighboring columns of row-major matrices with the same shape, and the passes over them. Matrices with one value
/// per column and quantity, such as moments, have a row for each quantity.
private struct Strip {
    let rows: Int
    let columns: Int
    let range: Range<Int>

    typealias Values = UnsafeMutableBufferPointer<Float>
    typealias Constants = UnsafeBufferPointer<Float>

    private static let width = 64

    static func forEach(rows: Int, columns: Int, _ body: (Strip) -> Void) {
        Parallel.forEachRange(of: columns, length: width) { body(Strip(rows: rows, columns: columns, range: $0)) }
    }

    /// The first of the strip's values in row `row`.
    private func start(_ matrix: Values, _ row: Int = 0) -> UnsafeMutablePointer<Float> {
        line(matrix, row).baseAddress.unsafelyUnwrapped  // there is a column, or there were no strip
    }

    private func start(_ matrix: Constants, _ row: Int = 0) -> UnsafePointer<Float> {
        UnsafePointer(start(Values(mutating: matrix), row))
    }

    private func line(_ matrix: Values, _ row: Int) -> Values {
        matrix.extracting(row * columns + range.lowerBound..<row * columns + range.upperBound)
    }

    /// Fills `moments`: mean, biased variance (in a second pass, for accuracy), 1 / sqrt(variance + epsilon).
    func measure(_ values: Values, moments: Values) {
        let (means, variances) = (moments.extracting(0..<columns), moments.extracting(columns..<2 * columns))
        sum(Constants(values), into: means)
        divide(means, by: rows)
        sumSquares(Constants(values), from: Constants(means), into: variances)
        invert(moments, batch: rows)
    }

    /// The sum of every column.
    func sum(_ values: Constants, into sums: Values) {
        ftc_column_sums(start(values), rows, columns, range.count, start(sums))
    }

    func divide(_ sums: Values, by count: Int) {
        let sums = line(sums, 0)
        for column in sums.indices { sums[column] /= Float(count) }
    }

    /// The sum of the squared distances of every column's values from its mean.
    func sumSquares(_ values: Constants, from means: Constants, into sums: Values) {
        ftc_column_squares(start(values), rows, columns, range.count, start(means), start(sums))
    }

    /// From sums of squares in row 1 of `moments`: the biased variances there, and the inverse deviations in row 2.
    func invert(_ moments: Values, batch: Int) {
        let (variances, inverses) = (line(moments, 1), line(moments, 2))
        for column in variances.indices {
            variances[column] /= Float(batch)
            inverses[column] = 1 / (variances[column] + BatchNormalization.epsilon).squareRoot()
        }
    }

    func normalize(_ values: Values, moments: Values) {
        ftc_normalize(start(values), rows, columns, range.count, start(moments), start(moments, 2))
    }

    /// `outputs = scale * values + shift`, nothing below `floor`.
    func transform(_ values: Values, scale: Constants, shift: Constants, floor: Float, into outputs: Values) {
        ftc_scale_shift(
            start(values), rows, columns, range.count, start(scale), start(shift), floor, start(outputs))
    }

    /// Sets the derivative to 0 where the ReLU let nothing through, and multiplies the others by `factor`.
    func mask(_ delta: Values, where outputs: Constants, factor: Float) {
        ftc_mask_slopes(start(delta), start(outputs), rows, columns, range.count, factor)
    }

    /// Fills `slopes`: the sums of delta * normalized and of delta.
    func sum(_ delta: Values, _ normalized: Constants, into slopes: Values) {
        ftc_slope_sums(
            start(delta), start(normalized), rows, columns, range.count, start(slopes), start(slopes, 1))
    }

    /// Replaces the derivative by the normalized values by that by the linear outputs.
    func propagate(
        _ delta: Values, _ normalized: Constants, _ slopes: Values, moments: Constants, scale: Constants, batch: Int
    ) {
        ftc_propagate_slopes(
            start(delta), start(normalized), rows, columns, range.count, start(slopes), start(slopes, 1),
            start(scale), start(moments, 2), 1 / Float(batch))
    }
}
