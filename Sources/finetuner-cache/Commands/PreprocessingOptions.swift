public import ArgumentParser
import Foundation
public import ImageInput
import Pipeline
import Tensors

extension InputSize: ExpressibleByArgument {}
extension ResizeChoice: ExpressibleByArgument {}
extension Interpolation: ExpressibleByArgument {}
extension ColorValues: ExpressibleByArgument {}
extension ChannelOrder: ExpressibleByArgument {}
extension JPEGDecoding: ExpressibleByArgument {}

/// How pictures are prepared for the network: a preset or a file, and settings that are to be other than there.
struct PreprocessingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            How pictures are prepared: \(ImagePreprocessor.presetNames.joined(separator: ", ")), or a .json file: timm's \
            config.json, transformers' preprocessor_config.json, or with the keys inputSize, resize, cropPct, \
            interpolation, mean, std, channelOrder, decoding. [default: the file WEIGHTS.json beside --weights, else the network's \
            own]
            """, valueName: "preset|file"), completion: .file(extensions: ["json"]))
    var preprocessing: String?

    @Option(help: ArgumentHelp("The center crop that the network takes, in pixels: N or HxW.", valueName: "size"))
    var inputSize: InputSize?

    @Option(
        help: ArgumentHelp(
            """
            The shorter side before the crop, in pixels; stretch: to the input size, out of proportion; none: pictures \
            have the input size already.
            """, valueName: "N|stretch|none"))
    var resize: ResizeChoice?

    @Option(help: ArgumentHelp("timm's crop_pct instead: resize to floor(input size / F).", valueName: "F"))
    var cropPct: Double?

    @Option(help: "The filter for resizing.")
    var interpolation: Interpolation?

    @Option(help: ArgumentHelp("The mean of red, green and blue, of values in 0...1.", valueName: "R,G,B"))
    var mean: ColorValues?

    @Option(help: ArgumentHelp("The standard deviation of red, green and blue.", valueName: "R,G,B"))
    var std: ColorValues?

    @Option(help: "The order of colors that the network takes.")
    var channelOrder: ChannelOrder?

    @Option(
        help: """
            At what size JPEG files are decoded: full, or scaled to no less than twice the size to resize to, which is \
            faster for large photos and gives slightly other features. [default: full]
            """)
    var decoding: JPEGDecoding?

    func validate() throws {
        if let cropPct {
            guard resize == nil else { throw ValidationError("Give either --resize or --crop-pct, not both.") }
            guard ResizeChoice(cropFraction: cropPct) != nil else {
                throw ValidationError("--crop-pct must be from 0.01 to 1.")
            }
        }
        if let std, !std.values.allSatisfy({ $0 > 0 }) { throw ValidationError("--std must be positive.") }
    }

    /// A preset, nil for the network's own, and what is to be other than there.
    typealias Settings = (preset: String?, overrides: PreprocessingOverrides)

    /// Whether none of them was given.
    var isSilent: Bool { preprocessing == nil && overrides.isEmpty }

    private var overrides: PreprocessingOverrides {
        PreprocessingOverrides(
            inputSize: inputSize, resize: cropPct.flatMap(ResizeChoice.init(cropFraction:)) ?? resize,
            interpolation: interpolation, mean: mean, standardDeviation: std, channelOrder: channelOrder,
            decoding: decoding)
    }

    /// What the options say, else the file that --preprocessing names or that lies beside the weights. A named preset sets
    /// everything, so that no file beside the weights is read then. Throws `InputError` where a file cannot be used.
    func settings(for weights: BackboneRecipe.Weights) throws -> Settings {
        if let preprocessing, !preprocessing.hasSuffix(".json") { return (preprocessing, overrides) }
        guard let file = try file(for: weights) else { return (nil, overrides) }
        Console.note("preprocessing of \(file.path), \(file.form.rawValue) keys")
        return (nil, overrides.over(file.overrides))
    }

    private func file(for weights: BackboneRecipe.Weights) throws -> PreprocessingFile? {
        if let preprocessing { return try PreprocessingFile(path: preprocessing) }
        guard case .file(let path) = weights else { return nil }
        return try PreprocessingFile.beside(weightsAt: path)
    }
}
