import Foundation
import Tensors

/// Softmax cross entropy of rows, weighted: `sum of w_i (log(sum of exp(logit_ij)) - logit_iy)`, and its derivatives.
enum CrossEntropy {
    /// The reduced loss and the derivatives by `logits`, `[batch, classes]`, which take their place.
    static func evaluate(
        _ logits: inout Matrix, labels: [Int], weights: RowWeights, _ reducer: LossReducer
    ) -> Double {
        let (rows, columns) = (logits.rows, logits.columns)
        var losses = [Float](repeating: 0, count: rows)
        logits.withUnsafeMutableElements { logits in
            losses.withUnsafeMutableBufferPointer { losses in
                Parallel.forEachRange(of: rows, length: 8) { range in
                    for row in range {
                        let values = logits.extracting(row * columns..<(row + 1) * columns)
                        losses[row] = weights.values[row] * Self.softmax(values, target: labels[row])
                    }
                }
            }
        }
        return reducer.reduced(losses, slopes: &logits) { weights.values[$0] }
    }

    /// The cross entropy of one row, whose logits become its derivatives.
    private static func softmax(_ logits: UnsafeMutableBufferPointer<Float>, target: Int) -> Float {
        let largest = logits.max() ?? 0
        let own = logits[target]
        var sum: Float = 0
        for index in logits.indices {
            logits[index] = exp(logits[index] - largest)
            sum += logits[index]
        }
        for index in logits.indices { logits[index] /= sum }
        logits[target] -= 1
        return largest + log(sum) - own
    }
}
