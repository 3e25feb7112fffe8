public import Tensors

extension ProjectionHead {
    /// Rows that inference takes at a time: enough for fast products, few enough that memory stays flat.
    private static let rowsPerBlock = 1024

    /// The embeddings of `features`, `[count, inputDimension]`, with the running statistics: `[count, outputDimension]`.
    /// They are not normalized to unit length.
    public func embeddings(of features: Matrix) -> Matrix {
        checkWidth(of: features)
        guard !layers.isEmpty || shortcut != nil else { return features }
        let columns = layers.map { AffineColumns($0, parameters) }
        return Matrix(rows: features.rows, columns: outputDimension) { target in
            for start in stride(from: 0, to: features.rows, by: Self.rowsPerBlock) {
                let rows = start..<min(start + Self.rowsPerBlock, features.rows)
                let values = embeddings(ofBlock: features.rows(in: rows), columns)
                let place = rows.lowerBound * outputDimension..<rows.upperBound * outputDimension
                _ = values.withUnsafeElements { target.extracting(place).update(from: $0) }
            }
        }
    }

    private func embeddings(ofBlock features: Matrix, _ columns: [AffineColumns]) -> Matrix {
        let input = shortcut?.centered(features) ?? features
        var values = input
        for (layer, columns) in zip(layers.indices, columns) {
            values = values.multiplied(by: weight(layer), .plain, .transposed)
            columns.apply(to: &values, rectified: layers[layer].isRectified)
        }
        guard let shortcut else { return values }
        let projected = shortcut.projected(input)
        return layers.isEmpty ? projected : shortcut.adding(values, to: projected)
    }
}
