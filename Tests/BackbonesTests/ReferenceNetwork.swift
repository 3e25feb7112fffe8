import ModelGraph
import Tensors

/// The naive twin of the compiled backbone: every layer on its own, plain loops, double precision, one picture at a time.
struct ReferenceNetwork {
    let graph: ModelGraph
    let height, width: Int

    /// The results of every layer for one picture, `[channels, height, width]` values each, by layer name.
    func results(for picture: [Float]) throws -> [String: [Double]] {
        let shapes = try graph.shapes(height: height, width: width)
        var results = [ModelGraph.inputName: picture.map(Double.init)]
        for layer in graph.layers {
            let inputs = try layer.inputs.map { name in
                guard let values = results[name], let shape = shapes[name] else { throw InputError(name, "missing") }
                return Map(values: values, shape: shape)
            }
            results[layer.name] = layer.operation.reference(inputs)
        }
        return results
    }

    /// The last layer's results for each picture of a batch, one row a picture.
    func outputs(of batch: Tensor4) throws -> [[Double]] {
        try (0..<batch.count).map { index in
            let picture = batch.elements[index * batch.elementsPerItem..<(index + 1) * batch.elementsPerItem]
            return try results(for: Array(picture))[graph.outputName] ?? []
        }
    }
}

struct Map {
    let values: [Double]
    let channels, height, width: Int

    init(values: [Double], shape: FeatureShape) {
        self.values = values
        switch shape {
        case .map(let channels, let height, let width):
            (self.channels, self.height, self.width) = (channels, height, width)
        case .vector(let length): (channels, height, width) = (length, 1, 1)
        }
    }

    /// The value at a position, or nil in the padding.
    func value(_ channel: Int, _ row: Int, _ column: Int) -> Double? {
        guard row >= 0, row < height, column >= 0, column < width else { return nil }
        return values[(channel * height + row) * width + column]
    }

    /// The values of one channel.
    func channel(_ index: Int) -> [Double] { Array(values[index * height * width..<(index + 1) * height * width]) }
}

extension Operation {
    fileprivate func reference(_ inputs: [Map]) -> [Double] {
        let map = inputs[0]
        switch self {
        case .convolution(let convolution): return convolution.reference(map)
        case .batchNormalization(let normalization): return normalization.reference(map)
        case .activation(.relu): return map.values.map { max($0, 0) }
        case .activation(.relu6): return map.values.map { min(max($0, 0), 6) }
        case .maxPool(let window): return window.maxima(map)
        case .globalPool(let pool): return (0..<map.channels).map { pool.reference(map.channel($0)) }
        case .add: return zip(map.values, inputs[1].values).map { $0 + $1 }
        case .flatten, .identity: return map.values
        case .linear(let linear): return linear.reference(map.values)
        }
    }
}

extension Window {
    /// Calls `body` for each window with its first row and column, which may lie in the padding.
    fileprivate func positions(on map: Map, _ body: (Int, Int) -> Void) {
        let padding = resolvedPadding(height: map.height, width: map.width)
        let size = outputSize(height: map.height, width: map.width) ?? (0, 0)
        for row in 0..<size.height {
            for column in 0..<size.width {
                body(row * strideDown - padding.top, column * strideAcross - padding.left)
            }
        }
    }

    fileprivate func maxima(_ map: Map) -> [Double] {
        var results: [Double] = []
        for channel in 0..<map.channels {
            positions(on: map) { top, left in
                var largest = -Double.infinity
                for row in 0..<height {
                    for column in 0..<width {
                        let value = map.value(channel, top + row * dilationDown, left + column * dilationAcross)
                        largest = max(largest, value ?? -.infinity)
                    }
                }
                results.append(largest)
            }
        }
        return results
    }
}

extension Convolution {
    fileprivate func reference(_ map: Map) -> [Double] {
        let outputsPerGroup = outputChannels / groups
        var results: [Double] = []
        for output in 0..<outputChannels {
            let firstChannel = output / outputsPerGroup * weight.shape[1]
            window.positions(on: map) { top, left in
                let sum = taps(of: output, on: map, firstChannel, top, left)
                results.append(sum + Double(bias?.elements[output] ?? 0))
            }
        }
        return results
    }

    /// One window's sum of products.
    private func taps(of output: Int, on map: Map, _ firstChannel: Int, _ top: Int, _ left: Int) -> Double {
        var sum = 0.0
        var tap = output * weight.shape[1] * window.height * window.width
        for channel in firstChannel..<firstChannel + weight.shape[1] {
            for row in 0..<window.height {
                for column in 0..<window.width {
                    let value = map.value(
                        channel, top + row * window.dilationDown, left + column * window.dilationAcross)
                    if let value { sum += Double(weight.elements[tap]) * value }
                    tap += 1
                }
            }
        }
        return sum
    }
}

extension BatchNormalization {
    fileprivate func reference(_ map: Map) -> [Double] {
        (0..<channels).flatMap { channel in
            map.channel(channel).map { value in
                (value - Double(mean.elements[channel]))
                    / (Double(variance.elements[channel]) + Double(epsilon)).squareRoot()
                    * Double(scale.elements[channel]) + Double(shift.elements[channel])
            }
        }
    }
}

extension Linear {
    fileprivate func reference(_ values: [Double]) -> [Double] {
        (0..<outputs).map { output in
            var sum = Double(bias?.elements[output] ?? 0)
            for input in 0..<inputs { sum += Double(weight.elements[output * inputs + input]) * values[input] }
            return sum
        }
    }
}
