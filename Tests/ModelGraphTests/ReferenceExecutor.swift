import func Foundation.pow
import ModelGraph
import Tensors

/// Runs a graph for one picture in double precision with plain loops, to check importers against PyTorch's numbers.
struct ReferenceExecutor {
    let graph: ModelGraph

    /// What every layer gives for a picture of shape `[channels, height, width]`, by layer name.
    func run(_ picture: [Float], height: Int, width: Int) throws -> [String: [Double]] {
        var shapes = try graph.shapes(height: height, width: width)
        shapes[ModelGraph.inputName] = .map(channels: graph.inputChannels, height: height, width: width)
        var results = [ModelGraph.inputName: picture.map(Double.init)]
        for layer in graph.layers {
            guard let input = results[layer.inputs[0]], let shape = shapes[layer.inputs[0]],
                let output = shapes[layer.name]
            else { throw InputError(layer.name, "has no input") }
            let other = layer.inputs.count > 1 ? results[layer.inputs[1]] ?? [] : []
            results[layer.name] = Self.result(of: layer.operation, input, other, shape, output)
        }
        return results
    }

    private static func result(
        of operation: Operation, _ input: [Double], _ other: [Double], _ shape: FeatureShape, _ output: FeatureShape
    ) -> [Double] {
        switch operation {
        case .convolution(let convolution): return convolve(convolution, input, shape, output)
        case .maxPool(let window): return maximum(window, input, shape, output)
        case .activation(.relu): return input.map { max($0, 0) }
        case .activation(.relu6): return input.map { min(max($0, 0), 6) }
        case .add: return zip(input, other).map(+)
        case .flatten, .identity: return input
        case .linear(let linear): return multiply(linear, input)
        case .batchNormalization(let norm):
            let size = input.count / norm.channels
            return input.indices.map { index in
                let channel = index / size
                let scaled =
                    (input[index] - Double(norm.mean.elements[channel]))
                    / (Double(norm.variance.elements[channel]) + Double(norm.epsilon)).squareRoot()
                return scaled * Double(norm.scale.elements[channel]) + Double(norm.shift.elements[channel])
            }
        case .globalPool(let pool):
            let size = input.count / output.elementCount
            return (0..<output.elementCount).map { pooled(pool, input[$0 * size..<($0 + 1) * size]) }
        }
    }

    private static func multiply(_ linear: Linear, _ input: [Double]) -> [Double] {
        (0..<linear.outputs).map { row in
            var sum = Double(linear.bias?.elements[row] ?? 0)
            for column in 0..<linear.inputs {
                sum += Double(linear.weight.elements[row * linear.inputs + column]) * input[column]
            }
            return sum
        }
    }

    private static func pooled(_ pool: GlobalPool, _ values: ArraySlice<Double>) -> Double {
        switch pool {
        case .average: return values.reduce(0, +) / Double(values.count)
        case .max: return values.max() ?? 0
        case .generalizedMean(let exponent, let epsilon):
            let powers = values.map { pow(max($0, Double(epsilon)), Double(exponent)) }
            return pow(powers.reduce(0, +) / Double(values.count), 1 / Double(exponent))
        }
    }

    private static func convolve(
        _ convolution: Convolution, _ input: [Double], _ shape: FeatureShape, _ output: FeatureShape
    ) -> [Double] {
        guard case .map(_, let height, let width) = shape, case .map(let channels, let rows, let columns) = output
        else {
            return []
        }
        let (window, inner) = (convolution.window, convolution.weight.shape[1])
        let pads = window.resolvedPadding(height: height, width: width)
        var result = [Double](repeating: 0, count: channels * rows * columns)
        convolution.weight.elements.withUnsafeBufferPointer { weight in
            input.withUnsafeBufferPointer { input in
                result.withUnsafeMutableBufferPointer { result in
                    for channel in 0..<channels {
                        let first = channel / (channels / convolution.groups) * inner
                        for tap in 0..<inner * window.height * window.width {
                            let (source, place) = (
                                tap / (window.height * window.width), tap % (window.height * window.width)
                            )
                            let (down, across) = (place / window.width, place % window.width)
                            let factor = Double(weight[channel * inner * window.height * window.width + tap])
                            for row in 0..<rows {
                                let y = row * window.strideDown + down * window.dilationDown - pads.top
                                guard y >= 0, y < height else { continue }
                                let (from, to) = (
                                    ((first + source) * height + y) * width, (channel * rows + row) * columns
                                )
                                var x = across * window.dilationAcross - pads.left
                                for column in 0..<columns {
                                    if x >= 0, x < width { result[to + column] += factor * input[from + x] }
                                    x += window.strideAcross
                                }
                            }
                        }
                    }
                }
            }
        }
        guard let bias = convolution.bias else { return result }
        return result.indices.map { result[$0] + Double(bias.elements[$0 / (rows * columns)]) }
    }

    private static func maximum(
        _ window: Window, _ input: [Double], _ shape: FeatureShape, _ output: FeatureShape
    ) -> [Double] {
        guard case .map(_, let height, let width) = shape, case .map(let channels, let rows, let columns) = output
        else {
            return []
        }
        let pads = window.resolvedPadding(height: height, width: width)
        var result: [Double] = []
        for channel in 0..<channels {
            for row in 0..<rows {
                for column in 0..<columns {
                    var largest = -Double.infinity
                    for y in 0..<window.height {
                        for x in 0..<window.width {
                            let down = row * window.strideDown + y * window.dilationDown - pads.top
                            let across = column * window.strideAcross + x * window.dilationAcross - pads.left
                            guard down >= 0, down < height, across >= 0, across < width else { continue }
                            largest = max(largest, input[(channel * height + down) * width + across])
                        }
                    }
                    result.append(largest)
                }
            }
        }
        return result
    }
}
