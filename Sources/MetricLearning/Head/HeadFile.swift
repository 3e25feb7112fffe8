public import Foundation
import Tensors

/// A projection head as a safetensors file with the names that PyTorch gives it: `head_layers.0.weight` for the first
/// linear layer, `head_layers.0.bias` where it has one, `head_layers.1.weight`, `.bias`, `.running_mean`, `.running_var` and
/// `.num_batches_tracked` for its batch normalization, `head_layers.3.weight` for the next linear layer (2 is the ReLU), and
/// so on. `load_state_dict(safetensors.torch.load_file(path))` reads it into the same network in PyTorch.
///
/// A shortcut adds `shortcut.mean`, `shortcut.projection` and `shortcut.residual_weight`. A head that returns the features as
/// they are has the one number `pass_through.dimension`.
public struct HeadFile: Sendable {
    /// The head. One that was read has no dropout, which only training has.
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
        for (index, layer) in head.layers.enumerated() {
            let names = LayerNames(index)
            tensors[names.weight] = DenseTensor(
                shape: [layer.outputs, layer.inputs], elements: head.parameters[layer.weight].elements)
            func add(_ name: String, _ place: Int?) {
                if let place {
                    tensors[name] = DenseTensor(shape: [layer.outputs], elements: head.parameters[place].elements)
                }
            }
            add(names.bias, layer.bias)
            add(names.scale, layer.scale)
            add(names.shift, layer.shift)
            guard let statistics = layer.statistics else { continue }
            tensors[names.mean] = DenseTensor(shape: [layer.outputs], elements: statistics.means)
            tensors[names.variance] = DenseTensor(shape: [layer.outputs], elements: statistics.variances)
            tensors[names.batches] = DenseTensor(shape: [], elements: [Float(head.batchesTracked)])
        }
        if let shortcut = head.shortcut {
            let (mean, projection) = (shortcut.mean, shortcut.projection)
            tensors[ShortcutNames.mean] = DenseTensor(shape: [mean.columns], elements: mean.elements)
            tensors[ShortcutNames.projection] = DenseTensor(
                shape: [projection.rows, projection.columns], elements: projection.elements)
            tensors[ShortcutNames.residualWeight] = DenseTensor(shape: [], elements: [shortcut.residualWeight])
        } else if head.layers.isEmpty {
            tensors[ShortcutNames.dimension] = DenseTensor(shape: [], elements: [Float(head.inputDimension)])
        }
        return try SafetensorsFile.encode(tensors, metadata: metadata)
    }

    /// Reads the file at `path`; dimensions and the form of the layers come from the tensors' names and shapes. Throws
    /// `InputError` where the file is damaged, tensors are missing, left over or of another shape than the rest asks for
    /// (naming the first few, with both shapes), or values are not usable. `num_batches_tracked` may be missing.
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
    let weight, bias, scale, shift, mean, variance, batches: String

    init(_ layer: Int) {
        let (linear, normalization) = ("head_layers.\(3 * layer)", "head_layers.\(3 * layer + 1)")
        weight = "\(linear).weight"
        bias = "\(linear).bias"
        scale = "\(normalization).weight"
        shift = "\(normalization).bias"
        mean = "\(normalization).running_mean"
        variance = "\(normalization).running_var"
        batches = "\(normalization).num_batches_tracked"
    }
}

/// The names of the tensors beside the layers.
enum ShortcutNames {
    static let mean = "shortcut.mean"
    static let projection = "shortcut.projection"
    static let residualWeight = "shortcut.residual_weight"
    static let dimension = "pass_through.dimension"
}
