import CKernels
import Tensors

/// Some neighboring columns of row-major matrices with the same shape, and the passes over them. Matrices with one value
/// per column and quantity, such as moments, have a row for each quantity.
struct ColumnStrip {
    let rows: Int
    let columns: Int
    let range: Range<Int>

    typealias Values = UnsafeMutableBufferPointer<Float>
    typealias Constants = UnsafeBufferPointer<Float>

    private static let width = 64

    static func forEach(rows: Int, columns: Int, _ body: (ColumnStrip) -> Void) {
        Parallel.forEachRange(of: columns, length: width) { body(ColumnStrip(rows: rows, columns: columns, range: $0)) }
    }

    /// The same as soon as the columns of `product` are in `values`; nil where all are.
    static func forEach(
        rows: Int, columns: Int, of product: PendingProduct?, _ values: Values, _ body: (ColumnStrip) -> Void
    ) {
        guard let product else { return forEach(rows: rows, columns: columns, body) }
        product.compute(into: values) { whole in
            for start in stride(from: whole.lowerBound, to: whole.upperBound, by: width) {
                body(ColumnStrip(rows: rows, columns: columns, range: start..<min(start + width, whole.upperBound)))
            }
        }
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
