public import Backbones
public import FeatureStorage
public import ImageInput
public import ModelGraph
import Tensors

/// What a user asks stage one to run: which weights, where to cut, how to pool and how to prepare pictures.
public struct BackboneRecipe: Sendable, Hashable {
    /// Where a network's weights come from.
    public enum Weights: Sendable, Hashable {
        /// A model of the catalog, by name.
        case named(String)
        /// A file of the user's, by path.
        case file(String)
    }

    /// Where the weights come from.
    public var weights: Weights
    /// The layer to chop after; nil for the layer before the classifier.
    public var cut: String?
    /// How a feature map becomes a vector; nil for the default.
    public var pool: PoolingMode?
    /// The preset that prepares pictures; nil for the one the network was trained with.
    public var preprocessing: String?
    /// What is other than in that preset.
    public var overrides: PreprocessingOverrides
    /// How the network of an ONNX file takes a picture's values; nil for what the file says.
    public var layout: InputLayout?
    /// Whether a picture's EXIF orientation is applied.
    public var exif: ExifPolicy
    /// How the values of a feature are kept.
    public var rowType: RowType
    /// In which numbers the network computes.
    public var precision: Precision
    /// What the bytes of `.int8` stand for; nil until it is measured.
    public var calibration: Calibration?

    /// A recipe.
    public init(
        weights: Weights, cut: String? = nil, pool: PoolingMode? = nil, preprocessing: String? = nil,
        overrides: PreprocessingOverrides = .init(), layout: InputLayout? = nil, exif: ExifPolicy = .apply,
        rowType: RowType = .float16, precision: Precision = .f32, calibration: Calibration? = nil
    ) {
        self.calibration = calibration
        self.precision = precision
        self.rowType = rowType
        self.weights = weights
        self.cut = cut
        self.pool = pool
        self.preprocessing = preprocessing
        self.overrides = overrides
        self.layout = layout
        self.exif = exif
    }

    /// The recipe as the strings that a store keeps beside a space.
    public var strings: [String: String] {
        var strings = ["exif": exif.rawValue, "dtype": rowType.rawValue]
        switch weights {
        case .named(let name): strings["model"] = name
        case .file(let path): strings["weights"] = path
        }
        strings["cut"] = cut
        // Stores from before there was a choice have no such key.
        if precision != .f32 { strings["precision"] = precision.rawValue }
        strings["calibration"] = calibration?.text
        strings["pool"] = pool?.rawValue
        strings["preprocessing"] = preprocessing
        strings["layout"] = layout?.rawValue
        return strings.merging(overrides.strings) { own, _ in own }
    }

    /// The recipe that a store keeps. Throws `InputError` where it names neither a model nor a file, or a setting that this
    /// version does not know.
    public init(strings: [String: String]) throws {
        if let name = strings["model"] {
            weights = .named(name)
        } else if let path = strings["weights"] {
            weights = .file(path)
        } else {
            throw InputError(
                "space", "its features were not made by a model that can be run again here",
                remedy: "Query by a picture that is in the store.")
        }
        cut = strings["cut"]
        pool = strings["pool"].flatMap(PoolingMode.init(rawValue:))
        preprocessing = strings["preprocessing"]
        overrides = try PreprocessingOverrides(strings: strings)
        layout = strings["layout"].flatMap(InputLayout.init(rawValue:))
        exif = strings["exif"].flatMap(ExifPolicy.init(rawValue:)) ?? .apply
        rowType = strings["dtype"].flatMap(RowType.init(rawValue:)) ?? .float16
        guard let precision = Precision(rawValue: strings["precision"] ?? Precision.f32.rawValue) else {
            throw InputError(
                "space",
                "its features were made in the precision '\(strings["precision"] ?? "")', which is not known here",
                remedy: "Use a newer version.")
        }
        self.precision = precision
        calibration = try strings["calibration"].map(Calibration.init(text:))
    }
}
