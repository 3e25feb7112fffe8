import Tensors

/// A stretch of a parameter for one call of a kernel: its weights and gradients, and what the optimizer remembers of them.
/// Good only within `OptimizerState.forEachPiece`.
struct ParameterPiece {
    let weights: UnsafeMutablePointer<Float>?
    let gradients: UnsafePointer<Float>?
    let count: Int
    /// Those of the whole parameter: a dictionary for every piece would take longer than small pieces do.
    private let slots: [String: UnsafeMutableBufferPointer<Float>]
    private let start: Int

    fileprivate init(
        _ range: Range<Int>, of weights: UnsafeMutableBufferPointer<Float>, _ gradients: UnsafeBufferPointer<Float>,
        _ slots: [String: UnsafeMutableBufferPointer<Float>]
    ) {
        self.weights = weights.extracting(range).baseAddress
        self.gradients = gradients.baseAddress
        (self.slots, start, count) = (slots, range.lowerBound, range.count)
    }

    /// The memory of a slot; nil where the optimizer does not have it.
    subscript(slot: OptimizerSlot) -> UnsafeMutablePointer<Float>? {
        slots[slot.rawValue].flatMap { $0.extracting(start..<start + count).baseAddress }
    }
}

extension OptimizerState {
    /// Long enough to hide the cost of a call, short enough for several threads to share one parameter.
    private static let elementsPerPiece = 1 << 16
    /// Short enough for weights, gradients and what is remembered of them to stay in a core's cache until the next pass over them.
    private static let elementsPerCachedPiece = 1 << 14

    /// Calls `body` with every piece of every parameter, several at a time.
    mutating func forEachPiece(
        of parameters: inout [Matrix], _ gradients: inout Gradients, _ body: (ParameterPiece) -> Void
    ) {
        for index in parameters.indices {
            withElements(of: slots.keys.sorted()[...], at: index) { slots in
                switch gradients.all[index] {
                case .values(let matrix): Self.forEachPiece(of: &parameters[index], matrix, slots, body)
                case .product(let product):
                    gradients.withRounding(ofWeightAt: index) { round in
                        Self.forEachPiece(of: &parameters[index], product, slots) { piece, range, weights in
                            body(piece)
                            round(weights, range.lowerBound)
                        }
                    }
                }
            }
        }
    }

    private typealias Slots = [String: UnsafeMutableBufferPointer<Float>]

    private static func forEachPiece(
        of parameter: inout Matrix, _ gradient: Matrix, _ slots: Slots, _ body: (ParameterPiece) -> Void
    ) {
        parameter.withUnsafeMutableElements { weights in
            gradient.withUnsafeElements { values in
                Parallel.forEachRange(of: weights.count, length: elementsPerPiece) { range in
                    body(ParameterPiece(range, of: weights, values.extracting(range), slots))
                }
            }
        }
    }

    /// Pieces of strips of the gradient as they are computed, each with its range and the memory of its weights.
    private static func forEachPiece(
        of parameter: inout Matrix, _ gradient: PendingProduct, _ slots: Slots,
        _ body: (ParameterPiece, Range<Int>, UnsafeBufferPointer<Float>) -> Void
    ) {
        let width = parameter.columns
        parameter.withUnsafeMutableElements { weights in
            gradient.forEachStrip { rows, values in
                let (first, end) = (rows.lowerBound * width, rows.upperBound * width)
                for start in stride(from: first, to: end, by: elementsPerCachedPiece) {
                    let range = start..<min(start + elementsPerCachedPiece, end)
                    let here = values.extracting(range.lowerBound - first..<range.upperBound - first)
                    body(
                        ParameterPiece(range, of: weights, here, slots), range,
                        UnsafeBufferPointer(weights.extracting(range)))
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
