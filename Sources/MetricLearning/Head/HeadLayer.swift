import Tensors

/// One linear layer of a head with what follows it: where its parameters are among the head's, and its running statistics.
struct HeadLayer: Sendable, Hashable {
    /// The shape of the weight.
    let outputs, inputs: Int
    /// The position of the weight, `[outputs, inputs]`.
    let weight: Int
    /// The positions of the bias and of batch normalization's scale and shift, `[1, outputs]` each; nil without.
    let bias, scale, shift: Int?
    /// Whether ReLU follows.
    let isRectified: Bool
    /// The mean and variance of the outputs that inference uses; nil without batch normalization.
    var statistics: RunningStatistics?

    /// The number of parameters.
    var parameterCount: Int { 1 + [bias, scale, shift].count { $0 != nil } }

    /// The layers of `architecture` between two dimensions, their parameters in the order of `torch.nn.Module.parameters()`:
    /// weight, bias, scale, shift.
    static func layers(_ architecture: HeadArchitecture, from input: Int, to output: Int) -> [HeadLayer] {
        var (next, inputs) = (0, input)
        return architecture.widths(input, output).enumerated().map { index, outputs in
            let isLast = index == architecture.layers - 1
            let isNormalized = !isLast || architecture.normalizesOutput
            func place(_ exists: Bool) -> Int? {
                next += exists ? 1 : 0
                return exists ? next - 1 : nil
            }
            let weight = next
            next += 1
            defer { inputs = outputs }
            return HeadLayer(
                outputs: outputs, inputs: inputs, weight: weight, bias: place(architecture.hasBias),
                scale: place(isNormalized), shift: place(isNormalized), isRectified: !isLast,
                statistics: isNormalized ? RunningStatistics(width: outputs) : nil)
        }
    }
}
