import Tensors

extension Matrix {
    private static let elementsPerPiece = 1 << 16

    /// Multiplies every element by `factor`.
    mutating func scale(by factor: Float) {
        withUnsafeMutableElements { elements in
            Parallel.forEachRange(of: elements.count, length: Self.elementsPerPiece) { range in
                let piece = elements.extracting(range)
                for index in piece.indices { piece[index] *= factor }
            }
        }
    }

    /// Multiplies each row by its factor.
    mutating func scaleRows(by factor: (Int) -> Float) {
        let (rows, columns) = (rows, columns)
        withUnsafeMutableElements { elements in
            for row in 0..<rows {
                let factor = factor(row)
                for index in row * columns..<(row + 1) * columns { elements[index] *= factor }
            }
        }
    }
}
