public import Foundation
import Tensors

/// A projection head as a safetensors file with the names that PyTorch gives it: `head_layers.0.weight` for the first
/// linear layer, `head_layers.1.weight`, `.bias`, `.running_mean`, `.running_var` and `.num_batches_tracked` for its batch
/// normalization, `head_layers.3.weight` for the next linear layer (2 is the ReLU), and so on.
/// `load_state_dict(safetensors.torch.load_file(path))` reads it into the same network in PyTorch.
public struct HeadFile: Sendable {
    /// The head.
    public let head: ProjectionHead
    /// Free-form strings that travel with it.
    public let metadata: [String: String]

    /// A file to be written.
    public init(head: ProjectionHead, metadata: [String: String] = [:]) {
        self.head = head
        self.metadata = metadata
    }

    /// The file's bytes; the same head and metadata give the same bytes. All tensors are F32, the count of batches too,
    /// which PyTorch converts as it loads.
    public func encoded() throws -> Data {
        var tensors: [String: DenseTensor] = [:]
        for layer in 0..<head.layerCount {
            let names = LayerNames(layer)
            let (weight, statistics) = (head.weight(layer), head.statistics[layer])
            let width = [weight.rows]
            tensors[names.weight] = DenseTensor(shape: [weight.rows, weight.columns], elements: weight.elements)
            tensors[names.scale] = DenseTensor(shape: width, elements: head.scale(layer).elements)
            tensors[names.shift] = DenseTensor(shape: width, elements: head.shift(layer).elements)
            tensors[names.mean] = DenseTensor(shape: width, elements: statistics.means)
            tensors[names.variance] = DenseTensor(shape: width, elements: statistics.variances)
            tensors[names.batches] = DenseTensor(shape: [], elements: [Float(head.batchesTracked)])
        }
        return try SafetensorsFile.encode(tensors, metadata: metadata)
    }

    /// Reads the file at `path`; dimensions and the number of layers come from the tensors' shapes. Throws `InputError`
    /// where the file is damaged, tensors are missing, left over or of another shape than the rest asks for (naming the
    /// first few, with both shapes), or values are not usable. `num_batches_tracked` may be missing.
    public init(path: String) throws {
        let file = try SafetensorsFile(path: path)
        do {
            head = try HeadTensors(file).head()
        } catch let error as InputError {
            throw error.within(path)
        }
        metadata = file.metadata
    }
}

/// The names of one layer's tensors.
struct LayerNames {
    let weight, scale, shift, mean, variance, batches: String

    init(_ layer: Int) {
        let (linear, normalization) = ("head_layers.\(3 * layer)", "head_layers.\(3 * layer + 1)")
        weight = "\(linear).weight"
        scale = "\(normalization).weight"
        shift = "\(normalization).bias"
        mean = "\(normalization).running_mean"
        variance = "\(normalization).running_var"
        batches = "\(normalization).num_batches_tracked"
    }
}
