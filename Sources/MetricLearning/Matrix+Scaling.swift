import Tensors

extension Matrix {
    /// Multiplies every element by `factor`.
    mutating func scale(by factor: Float) {
        withUnsafeMutableElements { elements in
            for index in elements.indices { elements[index] *= factor }
        }
    }
}
