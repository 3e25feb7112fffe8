public import Tensors

extension ModelGraph {
    /// The fingerprint of what the layers compute, whatever their weights: kinds, geometry, shapes of weights and which
    /// layer feeds which. Names do not enter it, as they change no number; neither does the architecture's name.
    public var structureFingerprint: Fingerprint {
        var numbers = [Self.inputName: -1]
        for (index, layer) in layers.enumerated() { numbers[layer.name] = index }
        let description = Structure(
            inputChannels: inputChannels,
            layers: layers.map { layer in
                Structure.Layer(
                    operation: layer.operation.structure, inputs: layer.inputs.compactMap { numbers[$0] })
            })
        guard let fingerprint = try? Fingerprint(ofCanonicalJSON: description) else {
            preconditionFailure("whole numbers and strings always encode")
        }
        return fingerprint
    }

    /// The fingerprint of all weights: for each layer's tensors in order, the number of dimensions and each of them as
    /// 64-bit numbers, then the values as 32-bit floats, all little-endian.
    public var tensorsFingerprint: Fingerprint {
        var hasher = FingerprintHasher()
        for layer in layers {
            for tensor in layer.operation.tensors {
                let header = ([tensor.shape.count] + tensor.shape).map { Int64($0).littleEndian }
                header.withUnsafeBytes { hasher.update($0) }
                tensor.elements.withUnsafeBytes { hasher.update($0) }
            }
        }
        return hasher.finish()
    }

    private struct Structure: Encodable {
        struct Layer: Encodable {
            let operation: [String]
            let inputs: [Int]
        }

        let inputChannels: Int
        let layers: [Layer]
    }
}

extension Operation {
    /// The weights in a fixed order: as torch lists a module's parameters and buffers.
    var tensors: [DenseTensor] {
        switch self {
        case .convolution(let convolution): [convolution.weight] + [convolution.bias].compactMap { $0 }
        case .batchNormalization(let norm): [norm.scale, norm.shift, norm.mean, norm.variance]
        case .linear(let linear): [linear.weight] + [linear.bias].compactMap { $0 }
        case .activation, .maxPool, .averagePool, .globalPool, .arithmetic, .concatenate, .slice, .channelShuffle,
            .flatten,
            .reshape, .softmax, .identity:
            []
        }
    }

    /// Everything but the weights that decides a layer's numbers, as words.
    fileprivate var structure: [String] {
        switch self {
        case .convolution(let convolution):
            return ["convolution", "\(convolution.weight.shape)", "groups \(convolution.groups)"]
                + [convolution.bias == nil ? "no bias" : "bias"] + convolution.window.structure
        case .batchNormalization(let norm):
            return ["batch normalization", "\(norm.channels)", "epsilon \(norm.epsilon)"]
        case .activation(let activation): return ["activation"] + activation.structure
        case .maxPool(let window): return ["max pool"] + window.structure
        case .globalPool(.average): return ["global pool", "average"]
        case .globalPool(.max): return ["global pool", "max"]
        case .globalPool(.generalizedMean(let exponent, let epsilon)):
            return ["global pool", "generalized mean", "exponent \(exponent)", "epsilon \(epsilon)"]
        case .averagePool(let window, let countsPadding):
            return ["average pool", countsPadding ? "counts padding" : "leaves padding out"] + window.structure
        case .arithmetic(let arithmetic): return [arithmetic.rawValue]
        case .concatenate: return ["concatenate"]
        case .slice(let slice): return ["slice"] + slice.structure
        case .channelShuffle(let groups): return ["channel shuffle", "groups \(groups)"]
        case .flatten(.channelsFirst): return ["flatten"]
        case .flatten(.channelsLast): return ["flatten", "channels last"]
        case .reshape(let shape): return ["reshape", "\(shape.dimensions)"]
        case .softmax: return ["softmax"]
        case .linear(let linear):
            return ["linear", "\(linear.weight.shape)", linear.bias == nil ? "no bias" : "bias"]
        case .identity: return ["identity"]
        }
    }
}

extension Window {
    fileprivate var structure: [String] {
        let sides =
            switch padding {
            case .explicit(let top, let left, let bottom, let right): "padding \([top, left, bottom, right])"
            case .same: "padding same"
            case .sameLower: "padding same, lower"
            }
        return [
            "window \([height, width])", "stride \([strideDown, strideAcross])",
            "dilation \([dilationDown, dilationAcross])", sides,
        ] + (roundsUp ? ["rounds up"] : [])
    }
}
