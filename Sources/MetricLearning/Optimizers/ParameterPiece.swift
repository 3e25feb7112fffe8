import Tensors

/// A stretch of a parameter for one call of a kernel: its weights and gradients, and what the optimizer remembers of them.
/// Good only within `OptimizerState.forEachPiece`.
struct ParameterPiece {
    let weights: UnsafeMutablePointer<Float>?
    let gradients: UnsafePointer<Float>?
    let count: Int
    private let slots: [String: UnsafeMutablePointer<Float>]

    fileprivate init(
        _ range: Range<Int>, of weights: UnsafeMutableBufferPointer<Float>, _ gradients: UnsafeBufferPointer<Float>,
        _ slots: [String: UnsafeMutableBufferPointer<Float>]
    ) {
        self.weights = weights.extracting(range).baseAddress
        self.gradients = gradients.baseAddress
        self.slots = slots.compactMapValues { $0.extracting(range).baseAddress }
        count = range.count
    }

    /// The memory of a slot; nil where the optimizer does not have it.
    subscript(slot: OptimizerSlot) -> UnsafeMutablePointer<Float>? { slots[slot.rawValue] }
}

extension OptimizerState {
    /// Long enough to hide the cost of a call, short enough for several threads to share one parameter.
    private static let elementsPerPiece = 1 << 16

    /// Calls `body` with every piece of every parameter, several at a time.
    mutating func forEachPiece(
        of parameters: inout [Matrix], _ gradients: Gradients, _ body: (ParameterPiece) -> Void
    ) {
        for index in parameters.indices {
            let width = parameters[index].columns
            withElements(of: slots.keys.sorted()[...], at: index) { slots in
                parameters[index].withUnsafeMutableElements { weights in
                    switch gradients.all[index] {
                    case .values(let matrix):
                        matrix.withUnsafeElements { values in
                            Parallel.forEachRange(of: weights.count, length: Self.elementsPerPiece) { range in
                                body(ParameterPiece(range, of: weights, values.extracting(range), slots))
                            }
                        }
                    case .product(let product):
                        product.forEachStrip { rows, values in
                            let range = rows.lowerBound * width..<rows.upperBound * width
                            body(ParameterPiece(range, of: weights, values, slots))
                        }
                    }
                }
            }
        }
    }

    /// Calls `body` with the memory of several slots of one parameter at once.
    private mutating func withElements(
        of names: ArraySlice<String>, at index: Int, _ body: ([String: UnsafeMutableBufferPointer<Float>]) -> Void
    ) {
        guard let name = names.first else { return body([:]) }
        // Moved out and back, so that writing to it makes no copy.
        var matrix = Matrix(rows: 0, columns: 0)
        swap(&matrix, &slots[name, default: []][index])
        matrix.withUnsafeMutableElements { elements in
            withElements(of: names.dropFirst(), at: index) { others in
                body(others.merging([name: elements]) { $1 })
            }
        }
        swap(&matrix, &slots[name, default: []][index])
    }
}
