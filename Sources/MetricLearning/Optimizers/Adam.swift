import CKernels
import Foundation
public import Tensors

/// Adam without weight decay (Kingma and Ba 2015, algorithm 1), with the defaults and numbers of `torch.optim.Adam`.
public struct Adam: Optimizer, Hashable {
    /// The step size.
    public var learningRate: Double
    /// The decay of the average gradient.
    public let beta1: Double
    /// The decay of the average squared gradient.
    public let beta2: Double
    /// Added to the root of the average squared gradient.
    public let epsilon: Double

    private var steps = 0
    private var firstMoments: [Matrix] = []
    private var secondMoments: [Matrix] = []

    private static let (firstName, secondName) = ("exp_avg", "exp_avg_sq")
    private static let elementsPerPiece = 1 << 16

    /// An optimizer that has made no step; the defaults are PyTorch's.
    public init(learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
    }

    /// The moments, under PyTorch's names `exp_avg` and `exp_avg_sq`.
    public var state: OptimizerState {
        OptimizerState(steps: steps, slots: [Self.firstName: firstMoments, Self.secondName: secondMoments])
    }

    /// Takes over the state of another Adam. Throws `InputError` where it has other slots than Adam's.
    public mutating func restore(_ state: OptimizerState) throws {
        guard state.slots.count == 2, let first = state.slots[Self.firstName],
            let second = state.slots[Self.secondName], Self.haveEqualShapes(first, second)
        else {
            let found = state.slots.keys.sorted().joined(separator: ", ")
            throw InputError(
                "optimizer state", "holds \(found.isEmpty ? "nothing" : found), not Adam's moments",
                remedy: "Resume with the optimizer that the run was started with.")
        }
        (steps, firstMoments, secondMoments) = (state.steps, first, second)
    }

    /// Changes `parameters` by one step along `gradients`.
    public mutating func step(_ parameters: inout [Matrix], gradients: [Matrix]) {
        if firstMoments.isEmpty {
            firstMoments = parameters.map { Matrix(rows: $0.rows, columns: $0.columns) }
            secondMoments = firstMoments
        }
        precondition(
            Self.haveEqualShapes(parameters, gradients) && Self.haveEqualShapes(parameters, firstMoments),
            "parameters \(Self.shapes(parameters)), gradients \(Self.shapes(gradients)), "
                + "moments \(Self.shapes(firstMoments))")
        steps += 1
        // From the betas as the kernel has them, in Float, so that the correction fits what it corrects.
        let corrections = [beta1, beta2].map { 1 - pow(Double(Float($0)), Double(steps)) }
        let size = Float(learningRate / corrections[0])
        let root = Float(corrections[1].squareRoot())
        for index in parameters.indices {
            update(&parameters[index], gradients[index], index, size: size, root: root)
        }
    }

    private mutating func update(
        _ parameter: inout Matrix, _ gradient: Matrix, _ index: Int, size: Float, root: Float
    ) {
        let (beta1, beta2, epsilon) = (Float(beta1), Float(beta2), Float(epsilon))
        parameter.withUnsafeMutableElements { weights in
            gradient.withUnsafeElements { gradients in
                firstMoments[index].withUnsafeMutableElements { first in
                    secondMoments[index].withUnsafeMutableElements { second in
                        Parallel.forEachRange(of: weights.count, length: Self.elementsPerPiece) { piece in
                            ftc_adam(
                                weights.extracting(piece).baseAddress, gradients.extracting(piece).baseAddress,
                                first.extracting(piece).baseAddress, second.extracting(piece).baseAddress,
                                piece.count, size, beta1, beta2, root, epsilon)
                        }
                    }
                }
            }
        }
    }

    private static func shapes(_ matrices: [Matrix]) -> [[Int]] { matrices.map { [$0.rows, $0.columns] } }

    private static func haveEqualShapes(_ left: [Matrix], _ right: [Matrix]) -> Bool {
        left.elementsEqual(right) { $0.rows == $1.rows && $0.columns == $1.columns }
    }
}
