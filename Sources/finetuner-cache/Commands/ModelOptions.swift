public import ArgumentParser
public import Backbones
public import FeatureStorage
import Foundation
public import ImageInput
public import ModelGraph
import Pipeline
import Tensors

extension PoolingMode: ExpressibleByArgument {}
extension ExifPolicy: ExpressibleByArgument {}
extension RowType: ExpressibleByArgument {}
extension InputLayout: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}

/// Which frozen network stage one runs.
struct ModelOptions: ParsableArguments {
    @Option(
        help:
            "A model of 'finetuner-cache models'. [default: what the store was built with, else resnet50, else efficientnet-lite0]"
    )
    var model: String?

    @Option(
        help: "A network of your own instead: an .onnx file, or weights as .safetensors or .pth.", completion: .file())
    var weights: String?

    @Option(
        name: [.customLong("cut"), .customLong("freeze-to")],
        help: ArgumentHelp(
            """
            Chop after this layer of 'finetuner-cache layers': everything up to it is frozen and cached, what follows is \
            replaced by the head. Give it several times for several spaces in one pass. [default: the layer before the \
            classifier]
            """, valueName: "layer"))
    var cuts: [String] = []

    @Option(help: "How a feature map at the cut becomes a vector: avg, max or gem. [default: avg where one is needed]")
    var pool: PoolingMode?

    @Option(
        help: ArgumentHelp(
            "How an ONNX network takes a picture's values: nchw or nhwc. [default: what its input's shape shows]"))
    var layout: InputLayout?

    @OptionGroup var pictures: PreprocessingOptions

    @Option(help: "Apply or ignore a picture's EXIF orientation.")
    var exif: ExifPolicy = .apply

    @Option(
        help: """
            How features are kept: f16, f32, bf16 or u8 (a byte a value and a scale a feature). [default: what the store \
            was built with, else f16]
            """)
    var dtype: RowType?

    @Option(
        help: """
            In which numbers the network computes: f32, or bf16 or int8, which are less exact. With AVX-512 ResNet-50 is 1.7 and 3 \
            times as fast in them; EfficientNet-Lite0 is slower in bf16. [default: what the store was built with, else f32]
            """)
    var precision: Precision?

    @Flag(help: "Compute in f32 where the processor lacks the instructions for --precision, and say so.")
    var precisionFallback = false

    func validate() throws {
        if model != nil && weights != nil { throw ValidationError("Give either --model or --weights, not both.") }
    }

    /// Whether any of them was given.
    private var isSilent: Bool {
        model == nil && weights == nil && cuts.isEmpty && pool == nil && layout == nil && pictures.isSilent
            && exif == .apply
            && dtype == nil && precision == nil
    }

    /// The network to run: the one that was asked for; else the one the store was built with, at all its cuts; else resnet50 where its
    /// weights are there or can be fetched; else the model whose weights any machine with pip can get. Says which.
    func load(storePath: String, cache: WeightsCache) throws -> FrozenCuts {
        if let weights { return try load(.file(URL(fileURLWithPath: weights).path), cache) }
        if let model { return try load(.named(model), cache) }
        if isSilent, let spaces = try Self.spaces(ofStoreAt: storePath) {
            return try FrozenCuts(of: spaces, cache: cache, announce: Console.note)
        }
        let settings = try pictures.settings(for: .named("resnet50"))
        do { return try load(.named("resnet50"), cache, settings) } catch let error as InputError {
            Console.note("resnet50 cannot be used here (\(error.fact)); taking efficientnet-lite0 instead")
            return try load(.named("efficientnet-lite0"), cache, settings)
        }
    }

    private func load(
        _ source: BackboneRecipe.Weights, _ cache: WeightsCache, _ settings: PreprocessingOptions.Settings? = nil
    ) throws -> FrozenCuts {
        let (preset, overrides) = try settings ?? pictures.settings(for: source)
        let recipe = BackboneRecipe(
            weights: source, pool: pool, preprocessing: preset, overrides: overrides, layout: layout,
            exif: exif, rowType: dtype ?? .float16, precision: try usablePrecision())
        return try FrozenCuts(cuts, recipe: recipe, cache: cache, announce: Console.note)
    }

    /// The precision that was asked for, or what the processor can do instead where that is allowed.
    private func usablePrecision() throws -> Precision {
        let asked = precision ?? .f32
        switch asked.support {
        case .native: return asked
        case .emulated(let instructions):
            Console.note(
                "this processor has no \(instructions): \(asked.rawValue) is computed with other instructions, slower")
            return asked
        case .missing(let instructions):
            guard precisionFallback else {
                try asked.requireSupport()
                return asked
            }
            Console.note("this processor has no \(instructions): computing in f32 instead of \(asked.rawValue)")
            return .f32
        }
    }

    /// The spaces of a store that has any, each network and cut once.
    private static func spaces(ofStoreAt path: String) throws -> [FeatureSpace]? {
        let spaces = try FeatureStore.existing(at: path)?.spaces().map(\.space).filter { $0.view == nil } ?? []
        return spaces.isEmpty ? nil : spaces
    }
}
